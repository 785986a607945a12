/** Does what the environment decided: each effect is one order to one of the parts. */
import type { Effect } from "../environment/effects.ts";
import type { Environment } from "../environment/environment.ts";
import type { EnvironmentEvent } from "../environment/events.ts";
import type { ReportDraft } from "../environment/invocation.ts";
import type { LogTail } from "../observability/log-tail.ts";
import type { Report, TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Callers } from "./callers.ts";
import type { Freezer } from "./freezer.ts";
import { noticeOf, type Notices } from "./notices.ts";
import type { ParkedCalls } from "./parked-calls.ts";
import type { Processes } from "./processes.ts";
import type { TelemetryDelivery } from "./telemetry-delivery.ts";
import type { Timers } from "./timers.ts";

export interface Parts {
  readonly sandbox: Sandbox;
  readonly freezer: Freezer;
  readonly processes: Processes;
  readonly timers: Timers;
  readonly parked: ParkedCalls;
  readonly callers: Callers;
  readonly telemetry: TelemetryDelivery;
  readonly logTail: LogTail;
  /** No extension is started, whatever is in `/opt`. */
  readonly extensionsOff: boolean;
  readonly notices: Notices;
  readonly accept: (record: TelemetryRecord) => void;
  readonly dispatch: (event: EnvironmentEvent) => void;
  readonly environment: () => Environment;
  /** Init ended, well or not. */
  readonly initEnded: (effect: Extract<Effect, { effect: "init ended" }>) => void;
  readonly refused: (requestId: string, why: "busy" | "ending" | "gone") => void;
  readonly destroy: () => Promise<void>;
}

/** EXT-98 */
const switchOffFile = "disable-extensions-jwigqn8j";

/** `now` is the time of the step, so that a record's time and its durations agree. */
export function carryOut(effect: Effect, now: number, parts: Parts): void {
  const { sandbox, processes, timers, parked, callers, telemetry, dispatch } = parts;
  const notice = noticeOf(effect);
  if (notice !== undefined) parts.notices.add(notice);
  // ENV-82: who has ended can no longer be measured, and the report is written after that.
  if (endsProcesses(effect)) sandbox.memoryPeakBytes();
  switch (effect.effect) {
    case "discover extensions":
      telemetry.tell({ event: "init began" });
      return attempt(parts, discover(parts));
    case "launch extension":
      return attempt(parts, processes.launchExtension(effect.name, parts.environment().generation.number));
    case "launch runtime":
      return attempt(parts, processes.launchRuntime(parts.environment().generation.number));
    case "signal runtime":
      // The last moment at which the memory of the generation can be read.
      sandbox.memoryPeakBytes();
      return processes.signalRuntime(effect.signal);
    case "kill extension":
      return processes.killExtension(effect.name);
    case "sweep":
      return attempt(parts, sweep(parts));
    case "answer call":
      return parked.answer(effect.callId, effect.outcome);
    case "answer caller":
      return callers.answer(effect.requestId, effect.answer, () => parts.logTail.take());
    case "refuse invocation":
      return parts.refused(effect.requestId, effect.why);
    case "conclude invocation":
      return conclude(effect.report, now, parts);
    case "init ended":
      // ENV-89: the boost is for the first Init alone; an Init inside an invocation has none.
      attempt(parts, sandbox.endCpuBoost());
      return parts.initEnded(effect);
    case "set timer":
      return timers.set(effect.timer, effect.at);
    case "clear timer":
      return timers.clear(effect.timer);
    case "freeze":
      telemetry.freeze();
      return attempt(parts, parts.freezer.freeze());
    case "thaw":
      return attempt(parts, thaw(parts));
    case "emit":
      return emit(effect.record, now, parts);
    case "flush telemetry":
      return telemetry.flush(effect.withinMs, () => dispatch({ event: "telemetry flushed" }));
    case "shutdown delivered":
      return telemetry.tell({ event: "shutdown delivered" });
    case "name the missing":
      return;
    case "destroy":
      return attempt(parts, parts.destroy());
    default:
      return effect satisfies never;
  }
}

const endsProcesses = ({ effect }: Effect): boolean =>
  effect === "init ended" || effect === "signal runtime" || effect === "kill extension" || effect === "sweep";

function attempt(parts: Parts, work: Promise<void>): void {
  work.catch((error: unknown) => platformFailed(parts, error));
}

/** Whatever of ours breaks ends the invocation as the platform's fault, with the reason shown (EVT-88). */
export function platformFailed({ dispatch, notices }: Pick<Parts, "dispatch" | "notices">, cause: unknown): void {
  const text = cause instanceof Error ? cause.message : String(cause);
  notices.add(`The platform failed: ${text}`);
  dispatch({ event: "platform failed", text });
}

/** LIFE-01, EXT-98 */
async function discover({ sandbox, extensionsOff, dispatch }: Parts): Promise<void> {
  const switchedOff = extensionsOff || (await sandbox.exists(`${sandbox.paths.opt}/${switchOffFile}`));
  const names = switchedOff ? [] : await sandbox.listExtensions();
  dispatch({ event: "extensions discovered", names, switchedOff });
}

async function sweep({ freezer, processes, telemetry, dispatch }: Parts): Promise<void> {
  freezer.giveUp();
  await processes.sweep();
  telemetry.tell({ event: "generation ended" });
  dispatch({ event: "swept" });
}

async function thaw({ freezer, telemetry, dispatch }: Parts): Promise<void> {
  await freezer.thaw();
  telemetry.tell({ event: "thawed" });
  dispatch({ event: "thawed" });
}

function emit(record: Extract<Effect, { effect: "emit" }>["record"], now: number, { accept, telemetry }: Parts): void {
  accept({ time: now, ...record });
  // TEL-72: the window closes with the end of Init.
  if (record.type === "platform.initReport") telemetry.tell({ event: "window closed" });
}

/** ENV-82, EVT-62: the memory is what the sandbox measured, whole MB, never above the setting. */
function conclude(draft: ReportDraft, now: number, { sandbox, accept, callers, logTail }: Parts): void {
  const peakMb = Math.ceil(sandbox.memoryPeakBytes() / 1_048_576);
  const outOfMemory = draft.errorType === "Runtime.OutOfMemory";
  const report: Report = {
    ...draft,
    maxMemoryUsedMB: outOfMemory ? draft.memorySizeMB : Math.min(peakMb, draft.memorySizeMB),
  };
  accept({ time: now, ...report });
  callers.conclude(report, logTail.take());
}
