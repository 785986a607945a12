/** One invocation, from release until runtime and extensions have asked for their next event (LIFE-34 to LIFE-66). */
import { maxBufferedResponseBytes } from "../protocol/runtime-api.ts";
import type { Span } from "../protocol/telemetry-records.ts";
import { answerInvocation, errorInTrailers, failureAnswer, fatalJson, streamedAnswer } from "./answers.ts";
import { end } from "./ending.ts";
import type { Always, Environment, Invoking } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { exitOf, platformFailure, stopped, timedOut, verdictOf } from "./exits.ts";
import { deliver } from "./extension-calls.ts";
import { becomeReady } from "./idle.ts";
import type { Fatal, Invocation } from "./invocation.ts";
import type { Extension } from "./participants.ts";
import { draftReport, emitRuntimeDone, emitStart, tracedInvocation } from "./reports.ts";
import { handOver, type RuntimeNews } from "./runtime-calls.ts";
import { elapsedMs, type Turn } from "./turn.ts";

/** LIFE-35, LIFE-42, EXT-68: runtime and extensions are released together; the deadline counts from here. */
export function release(before: Always, invocation: Invocation, startedAt: number, turn: Turn): Environment {
  const released = begin(before, invocation, startedAt, turn);
  turn.effects.push({
    effect: "set timer",
    timer: "invocation deadline",
    at: turn.now + before.configuration.timeoutMs,
  });
  const extensions = released.generation.extensions.map((extension) =>
    extension.events.includes("INVOKE") ? deliver(released, { ...extension, owed: "INVOKE" }, turn) : extension,
  );
  const notified: Invoking = { ...released, generation: { ...released.generation, extensions } };
  const [parked] = notified.generation.runtime.parked;
  return parked === undefined ? notified : handOver(notified, parked, turn);
}

function begin(before: Always, invocation: Invocation, startedAt: number, turn: Turn): Invoking {
  const { configuration, generation, timedOut: late, unreported, shutdownWanted } = before;
  emitStart(turn, configuration, invocation);
  return {
    phase: "invoking",
    configuration,
    generation,
    timedOut: late,
    unreported,
    shutdownWanted,
    invocation,
    startedAt,
    releasedAt: turn.now,
    deadlineMs: Math.floor(turn.now) + configuration.timeoutMs,
    answered: false,
    streamingBegan: false,
  };
}

/** LIFE-63: a process ended while the environment was idle; the runtime never sees the event (EVT-87). */
export function failAtOnce(before: Always, invocation: Invocation, fatal: Fatal, turn: Turn): Environment {
  return fail(begin(before, invocation, turn.now, turn), fatal, turn);
}

type InvokeEvent = Extract<
  EnvironmentEvent,
  { event: "runtime exited" | "extension exited" | "timer fired" | "platform failed" }
>;

export function whileInvoking(environment: Invoking, event: InvokeEvent, turn: Turn): Environment {
  switch (event.event) {
    case "runtime exited":
    case "extension exited": {
      const [generation, fatal] = exitOf(environment.generation, event);
      return fail({ ...environment, generation }, fatal, turn);
    }
    case "timer fired":
      return event.timer === "invocation deadline"
        ? fail(environment, timedOut(environment.configuration.timeoutMs), turn)
        : environment;
    case "platform failed":
      return fail(environment, platformFailure(event.text), turn);
    default:
      return event satisfies never;
  }
}

export function onRuntimeNews(environment: Invoking, news: RuntimeNews, turn: Turn): Environment {
  switch (news.news) {
    case "asked for next":
      return runtimeDone(environment, turn);
    case "answer begins":
      return {
        ...environment,
        streamingBegan: news.streaming,
        response: { firstByteAt: turn.now, bytes: 0, delivered: false },
      };
    case "answered":
      return answered(environment, news.call, turn);
    case "broke its answer": {
      const fatal: Fatal = { status: "error", errorType: news.errorType, text: news.errorType };
      const firstByteAt = environment.response?.firstByteAt ?? turn.now;
      const response = { firstByteAt, bytes: news.bytes, delivered: false };
      return { ...answerFatal(environment, fatal, turn), fatal, response };
    }
    // Both belong to Init and Restore; the tables refuse them here.
    case "asked for restore":
    case "failed to restore":
      return environment;
    default:
      return news satisfies never;
  }
}

/** RT-33, LIFE-38: the caller has its answer before anybody asks for the next event. */
function answered(
  environment: Invoking,
  call: Extract<RuntimeNews, { news: "answered" }>["call"],
  turn: Turn,
): Environment {
  const { invocation, streamingBegan } = environment;
  const { upload } = call;
  const delivered = call.call === "response ends" && upload.kind === "complete";
  if (upload.kind === "too large") {
    // RT-44, RT-71
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxBufferedResponseBytes} bytes).`;
    const payload = { errorType: "Function.ResponseSizeTooLarge", errorMessage };
    answerInvocation(turn, invocation, { kind: "platform error", payload });
  } else if (upload.kind === "complete") {
    if (call.call === "error ends") answerInvocation(turn, invocation, { kind: "posted error", body: upload.body });
    else if (streamingBegan) answerInvocation(turn, invocation, streamedAnswer(errorInTrailers(upload)));
    else answerInvocation(turn, invocation, { kind: "response", body: upload.body, contentType: upload.contentType });
  }
  const firstByteAt = environment.response?.firstByteAt ?? turn.now;
  // EVT-52, EVT-79: only a response counts as produced.
  const bytes = call.call === "response ends" ? call.bytes : 0;
  return {
    ...environment,
    answered: true,
    response: { firstByteAt, endAt: turn.now, bytes, delivered },
    ...handlerErrorOf(call),
  };
}

/** OBS-76; RT-60: a stream reports its error in trailers. */
function handlerErrorOf(call: Extract<RuntimeNews, { news: "answered" }>["call"]): Pick<Invoking, "handlerError"> {
  if (call.upload.kind !== "complete") return {};
  if (call.call === "error ends")
    return { handlerError: call.xrayCause === undefined ? {} : { cause: call.xrayCause } };
  return call.upload.trailers?.errorType === undefined ? {} : { handlerError: {} };
}

/** EVT-49: at the moment the runtime asks, whatever the extensions still do. */
function runtimeDone(environment: Invoking, turn: Turn): Environment {
  const done: Invoking = { ...environment, runtimeDoneAt: turn.now };
  emitRuntimeDone(turn, done, { status: "success" });
  return advanceInvoke(done, turn);
}

/** LIFE-36, LIFE-37 */
export function advanceInvoke(environment: Invoking, turn: Turn): Environment {
  const { configuration, invocation, startedAt, unreported, runtimeDoneAt, generation } = environment;
  if (runtimeDoneAt === undefined || !generation.extensions.every(isDone)) return environment;
  turn.effects.push({ effect: "clear timer", timer: "invocation deadline" });
  const spans = generation.extensions.some(takesPart) ? [overhead(runtimeDoneAt, turn.now)] : [];
  const outcome = {
    durationMs: elapsedMs(startedAt, turn.now),
    fatal: undefined,
    spans,
    traced: tracedInvocation(environment, turn.now),
    functionFailed: functionFailed(environment),
  };
  const report = draftReport(configuration, invocation, unreported, outcome);
  turn.effects.push({ effect: "conclude invocation", report });
  return becomeReady({ ...environment, unreported: {} }, turn);
}

/** OBS-44: an error that was posted, or written into a stream's trailers, and a response that was refused (RT-44). */
const functionFailed = ({ handlerError, response }: Invoking): boolean =>
  handlerError !== undefined || response?.delivered === false;

const takesPart = ({ events }: Extension): boolean => events.includes("INVOKE");

const isDone = (extension: Extension): boolean =>
  !takesPart(extension) || (extension.state === "Ready" && extension.owed === undefined);

/** EVT-64 */
const overhead = (from: number, to: number): Span => ({
  name: "extensionOverhead",
  start: from,
  durationMs: elapsedMs(from, to),
});

/** LIFE-80: a stop of the platform does not wait for the function. */
export const interruptInvoke = (environment: Invoking, turn: Turn): Environment => fail(environment, stopped, turn);

/** The first fatal event ends the invocation: answer, runtimeDone, reset, and the report after it (LIFE-46 to LIFE-67). */
function fail(environment: Invoking, event: Fatal, turn: Turn): Environment {
  const { configuration, invocation, unreported, startedAt, shutdownWanted } = environment;
  const fatal = environment.fatal ?? event;
  const failed = answerFatal(environment, fatal, turn);
  turn.effects.push({ effect: "clear timer", timer: "invocation deadline" });
  if (failed.runtimeDoneAt === undefined) {
    // LIFE-61: an extension that crashes after the response does not make the runtime's part a failure.
    const responded = environment.response?.endAt !== undefined;
    const extensionsFault = fatal.status === "error" && fatal.runtimeEnded !== true;
    emitRuntimeDone(turn, failed, responded && extensionsFault ? { status: "success" } : verdictOf(fatal));
  }
  const outcome = {
    durationMs: elapsedMs(startedAt, turn.now),
    fatal,
    spans: [],
    traced: tracedInvocation(failed, turn.now),
  };
  const report = draftReport(configuration, invocation, unreported, outcome);
  const timedOutNow = event.status === "timeout";
  const late = timedOutNow ? [...environment.timedOut, invocation.invocationId].slice(-16) : environment.timedOut;
  const afterwards = shutdownWanted === undefined ? { to: "empty" as const } : { to: "gone" as const };
  const reason = timedOutNow ? "timeout" : "failure";
  return end({ ...failed, timedOut: late }, { reason, afterwards, report }, turn);
}

/** LIFE-53: exactly one answer; RT-63: a stream keeps what it has and ends without a mark. */
function answerFatal(environment: Invoking, fatal: Fatal, turn: Turn): Invoking {
  const { invocation, answered: already, streamingBegan } = environment;
  if (already) return environment;
  const answer = streamingBegan ? streamedAnswer(fatalJson(invocation, fatal)) : failureAnswer(invocation, fatal);
  answerInvocation(turn, invocation, answer);
  return { ...environment, answered: true };
}
