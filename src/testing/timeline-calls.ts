/** The calls of runtime and extensions, in words. */
import type { HistoryEntry } from "../host/history.ts";

type Call = Extract<HistoryEntry["event"], { event: "called" }>["call"];

interface CallText {
  readonly what: string;
  readonly problem: boolean;
}

/** Nothing for calls that another line tells. */
export function callText(call: Call): CallText | undefined {
  switch (call.call) {
    case "runtime next":
      return step("asks for its next invocation");
    case "restore next":
      return step("is ready to be restored");
    case "register":
      return step(call.events.length === 0 ? "registers for no events" : `registers for ${call.events.join(", ")}`);
    case "event next":
      return step("asks for its next event");
    case "response ends":
      return call.upload.kind === "complete"
        ? step(`answers, ${bytes(call.bytes)}`)
        : problem(`answers ${call.upload.kind}`);
    case "error ends":
      return problem(`answers with an error${named(call.errorType)}`);
    case "init error":
    case "extension init error":
      return problem(`reports that its Init failed${named(call.errorType)}`);
    case "restore error":
      return problem(`reports that its Restore failed${named(call.errorType)}`);
    case "extension exit error":
      return problem(`reports that it has to end${named(call.errorType)}`);
    case "response begins":
    case "error begins":
    case "subscribe":
      return undefined;
    default:
      return call satisfies never;
  }
}

const step = (what: string): CallText => ({ what, problem: false });
const problem = (what: string): CallText => ({ what, problem: true });
const named = (errorType: string | undefined): string => (errorType === undefined ? "" : `: ${errorType}`);
const bytes = (number: number): string => `${number.toLocaleString("en-US")} byte${number === 1 ? "" : "s"}`;
