/** What an environment is and was, made from its history: phases, extensions, exits, shutdown. */
import type { HistoryEntry } from "../host/history.ts";
import type { RunningEnvironment } from "../host/running-environment.ts";
import { shutdownReason } from "./shutdown-reason.ts";

export interface PhaseSnapshot {
  readonly phase: "init" | "restore" | "invoke" | "reset" | "shutdown";
  /** Milliseconds since the first event of the environment. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: "success" | "error" | "failure" | "timeout";
  readonly errorType?: string;
  readonly requestId?: string;
}

export interface ExtensionSnapshot {
  readonly name: string;
  readonly kind: "external" | "internal";
  readonly events: readonly ("INVOKE" | "SHUTDOWN")[];
  readonly state: string;
  /** How its process ended; both `null` while it runs, and of an internal extension, which has no process of its own. */
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

export interface EnvironmentSnapshot {
  /** Where the environment is in its life, such as `ready` or `gone`. */
  readonly phase: string;
  /** Counts (re-)initializations. */
  readonly generation: number;
  readonly sandbox: string;
  readonly phases: readonly PhaseSnapshot[];
  readonly extensions: readonly ExtensionSnapshot[];
  readonly shutdown?: { readonly reason: string; readonly durationMs: number };
  /** Processes of the current generation. */
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

export function snapshotOf(running: RunningEnvironment): EnvironmentSnapshot {
  const { environment, history, parts } = running;
  const entries = history.entries;
  const phases = phasesOf(entries);
  const shutdown = phases.findLast(({ phase }) => phase === "shutdown");
  const reason = shutdownReason(entries);
  return {
    phase: environment.phase,
    generation: environment.generation.number,
    sandbox: parts.driverName,
    phases,
    extensions: environment.generation.extensions.map(({ name, kind, events, state }) => ({
      name,
      kind,
      events,
      state,
      exit: exitOf(entries, name, environment.generation.number),
    })),
    ...(shutdown === undefined || reason === undefined
      ? {}
      : { shutdown: { reason, durationMs: shutdown.durationMs } }),
    processes: parts.processes.pids,
  };
}

/** One pass over the history; a phase that is not over yet is left out. */
function phasesOf(entries: readonly HistoryEntry[]): readonly PhaseSnapshot[] {
  const phases: PhaseSnapshot[] = [];
  const since = entries[0]?.at ?? 0;
  const began = { init: 0, restore: 0, invoke: 0, ending: 0 };
  let ending = false;
  const add = (
    phase: PhaseSnapshot["phase"],
    from: number,
    to: number,
    verdict: Omit<PhaseSnapshot, "phase" | "startMs" | "durationMs">,
  ): void => {
    phases.push({ phase, startMs: rounded(from - since), durationMs: rounded(to - from), ...verdict });
  };
  for (const { at, effects, phase } of entries) {
    if (ending && phase !== "ending") {
      ending = false;
      add(phase === "gone" ? "shutdown" : "reset", began.ending, at, { status: "success" });
    }
    for (const effect of effects) {
      if (effect.effect === "conclude invocation") {
        const { durationMs, requestId } = effect.report;
        add("invoke", began.invoke, began.invoke + durationMs, { ...verdictOf(effect.report), requestId });
      }
      if (effect.effect !== "emit") continue;
      const { record } = effect;
      if (record.type === "platform.initStart") began.init = at;
      else if (record.type === "platform.restoreStart") began.restore = at;
      else if (record.type === "platform.start") began.invoke = at;
      else if (record.type === "platform.initReport") add("init", began.init, at, verdictOf(record));
      else if (record.type === "platform.restoreReport") add("restore", began.restore, at, verdictOf(record));
    }
    if (!ending && phase === "ending") {
      ending = true;
      began.ending = at;
    }
  }
  // An invocation that failed is reported after the reset or shutdown it led to.
  return phases.sort((a, b) => a.startMs - b.startMs);
}

const verdictOf = ({ status, errorType }: { status: PhaseSnapshot["status"]; errorType?: string }) =>
  errorType === undefined ? { status } : { status, errorType };

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

function exitOf(entries: readonly HistoryEntry[], name: string, generation: number): ExtensionSnapshot["exit"] {
  for (const { event } of entries.toReversed())
    if (event.event === "extension exited" && event.name === name && event.generation === generation)
      return { code: event.exit.code, signal: event.exit.signal };
  return { code: null, signal: null };
}
