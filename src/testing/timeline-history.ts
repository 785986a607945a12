/** What the history of an environment tells, a line for each thing somebody did. */
import type { HistoryEntry } from "../host/history.ts";
import { shutdownReason } from "./shutdown-reason.ts";
import { callText } from "./timeline-calls.ts";
import type { DatedEntry } from "./timeline.ts";

type Event = HistoryEntry["event"];
type Effect = HistoryEntry["effects"][number];
type Line = Omit<DatedEntry, "at">;

export function historyEntries(history: readonly HistoryEntry[]): DatedEntry[] {
  const teller = new Teller(history);
  return history.flatMap((entry, index) =>
    teller.tell(entry, index).map(({ kind, who, what }) => ({ at: entry.at, kind, who, what })),
  );
}

const line = (kind: Line["kind"], who: string, what: string): Line => ({ kind, who, what });
const platform = (kind: Line["kind"], what: string): Line => line(kind, "platform", what);

/** Goes through the history once and remembers who is who. */
class Teller {
  readonly #history: readonly HistoryEntry[];
  readonly #names = new Map<string, string>();
  readonly #callers = new Map<number, string>();
  #invocations = 0;
  #ending: { readonly name: string; readonly at: number } | undefined;

  constructor(history: readonly HistoryEntry[]) {
    this.#history = history;
  }

  tell(entry: HistoryEntry, index: number): readonly Line[] {
    const { event, effects, phase, at } = entry;
    const before = [...this.#ended(phase, at), ...this.#event(event, this.#history[index - 1]?.phase)];
    const after = effects.flatMap((effect) => this.#effect(effect));
    if (phase !== "ending" || this.#ending !== undefined) return [...before, ...after];
    this.#ending = { name: this.#endingFrom(index), at };
    // What the step itself began or ended comes before what it leads to.
    const first = after.findLastIndex(({ kind }) => kind === "begin" || kind === "end") + 1;
    return [...before, ...after.slice(0, first), platform("begin", this.#ending.name), ...after.slice(first)];
  }

  /** Whether it is the end or a reset shows only in what follows. */
  #endingFrom(index: number): string {
    const after = this.#history.slice(index).find(({ phase }) => phase !== "ending")?.phase;
    const reason = shutdownReason(this.#history);
    if (after !== "gone" && (after !== undefined || reason === undefined)) return "Reset";
    return reason === undefined ? "Shutdown" : `Shutdown, reason ${reason}`;
  }

  #ended(phase: HistoryEntry["phase"], at: number): Line[] {
    if (this.#ending === undefined || phase === "ending") return [];
    const { name, at: since } = this.#ending;
    this.#ending = undefined;
    return [platform("end", `${name.split(",")[0]} ended after ${ms(at - since)}`)];
  }

  #event(event: Event, before: HistoryEntry["phase"] | undefined): Line[] {
    switch (event.event) {
      case "extensions discovered":
        if (event.switchedOff) return [platform("step", "extensions are switched off")];
        return event.names.length === 0 ? [] : [platform("step", `finds the extensions ${event.names.join(", ")}`)];
      case "extension launched":
        return [line("step", event.name, "is launched")];
      case "runtime launched":
        return [line("step", "runtime", "is launched")];
      case "extension launch failed":
        return [line("problem", event.name, `cannot be launched: ${event.text}`)];
      case "runtime launch failed":
        return [line("problem", "runtime", `cannot be launched: ${event.text}`)];
      case "extension exited":
        return [line(before === "ending" ? "step" : "problem", event.name, exitText(event.exit))];
      case "runtime exited":
        return [line(before === "ending" ? "step" : "problem", "runtime", exitText(event.exit))];
      case "called":
        return this.#called(event);
      case "timer fired":
        return timerTexts[event.timer] === undefined ? [] : [platform("problem", timerTexts[event.timer] ?? "")];
      case "thawed":
        return [platform("mark", "Thaw")];
      case "reset requested":
        return [platform("step", "is asked for a reset")];
      case "kill requested":
        return [platform("problem", "is asked to end everything at once")];
      case "platform failed":
        return [platform("problem", `failed: ${event.text}`)];
      case "shutdown requested":
        return event.interrupt ? [platform("step", "is asked to stop")] : [];
      case "init requested":
      case "invoke requested":
      case "call abandoned":
      case "telemetry flushed":
      case "swept":
      case "freeze requested":
      case "thaw requested":
        return [];
      default:
        return event satisfies never;
    }
  }

  #called({ callId, call }: Extract<Event, { event: "called" }>): Line[] {
    if (call.call === "register") this.#names.set(call.freshIdentifier, call.name);
    const who =
      call.call === "register"
        ? call.name
        : "identifier" in call
          ? (this.#names.get(call.identifier) ?? `unknown extension ${call.identifier}`)
          : "runtime";
    this.#callers.set(callId, who);
    const text = callText(call);
    return text === undefined ? [] : [line(text.problem ? "problem" : "step", who, text.what)];
  }

  #effect(effect: Effect): Line[] {
    switch (effect.effect) {
      case "emit":
        return this.#record(effect.record);
      case "answer call":
        return this.#answered(effect);
      case "answer caller":
        return callerText(effect.answer);
      case "conclude invocation": {
        const { status, errorType, durationMs, billedDurationMs } = effect.report;
        const what = `Invoke ${this.#invocations} ended: ${verdict(status, errorType)}`;
        return [platform("end", `${what} after ${ms(durationMs)}, billed ${billedDurationMs} ms`)];
      }
      case "signal runtime":
        return [platform("step", `sends ${effect.signal} to the runtime`)];
      case "kill extension":
        return [platform("problem", `sends SIGKILL to ${effect.name}`)];
      case "freeze":
        return [platform("mark", "Freeze")];
      default:
        return [];
    }
  }

  #answered({ callId, outcome }: Extract<Effect, { effect: "answer call" }>): Line[] {
    const who = this.#callers.get(callId) ?? "runtime";
    this.#callers.delete(callId);
    if (outcome.kind === "invoke event") return [line("step", who, "gets INVOKE")];
    if (outcome.kind === "shutdown event") return [line("step", who, `gets SHUTDOWN, reason ${outcome.reason}`)];
    return [];
  }

  #record(record: Extract<Effect, { effect: "emit" }>["record"]): Line[] {
    switch (record.type) {
      case "platform.initStart":
        return [platform("begin", record.phase === "invoke" ? "Init, once more inside the invocation" : "Init")];
      case "platform.initReport":
        return [
          platform("end", `Init ended: ${verdict(record.status, record.errorType)} after ${ms(record.durationMs)}`),
        ];
      case "platform.restoreStart":
        return [platform("begin", "Restore")];
      case "platform.restoreReport": {
        const how = verdict(record.status, record.errorType);
        return [platform("end", `Restore ended: ${how} after ${ms(record.durationMs)}`)];
      }
      case "platform.start":
        this.#invocations++;
        return [platform("begin", `Invoke ${this.#invocations}, request ${record.requestId}`)];
      default:
        return [];
    }
  }
}

/** What the function answered is told where it was answered. */
function callerText(answer: Extract<Effect, { effect: "answer caller" }>["answer"]): Line[] {
  if (answer.kind === "service error")
    return [platform("problem", `answers the caller: ${answer.exception}, ${answer.message}`)];
  if (answer.kind !== "platform error") return [];
  const { errorType, errorMessage } = answer.payload;
  return [platform("problem", `answers the caller: ${[errorType, errorMessage].filter(Boolean).join(", ")}`)];
}

const timerTexts: Partial<Record<Extract<Event, { event: "timer fired" }>["timer"], string>> = {
  "init limit": "the time for Init is over",
  "invocation deadline": "the function's timeout is over",
  "restore limit": "the time for Restore is over",
  "runtime share": "the runtime's time to end is over",
  "shutdown deadline": "the time for Shutdown is over",
};

const verdict = (status: string, errorType: string | undefined): string =>
  errorType === undefined ? status : `${status}, ${errorType},`;

const ms = (duration: number): string => `${duration.toFixed(1)} ms`;

function exitText(exit: {
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}) {
  if (exit.outOfMemory) return "was ended because the memory was used up";
  return exit.signal === null ? `exits with status ${exit.code}` : `is ended by ${exit.signal}`;
}
