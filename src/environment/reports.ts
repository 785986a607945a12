/** The records an environment emits, made from what it knows (telemetry-events). */
import type {
  ExtensionReport,
  InitPhase,
  LifeCycleRecord,
  Span,
  Start,
  Tracing,
  Verdict,
} from "../protocol/telemetry-records.ts";
import type { TracedInvocation } from "../protocol/traced-invocation.ts";
import type { EnvironmentConfiguration } from "./configuration.ts";
import type { Initializing, Invoking, Unreported } from "./environment.ts";
import { verdictOf } from "./exits.ts";
import type { Fatal, Invocation, ReportDraft } from "./invocation.ts";
import type { Extension, Generation } from "./participants.ts";
import { elapsedMs, type Turn } from "./turn.ts";

type Emitted = Exclude<LifeCycleRecord, { type: "platform.report" }>;

export const emit = (turn: Turn, record: Emitted): void => {
  turn.effects.push({ effect: "emit", record });
};

const environmentFacts = (configuration: EnvironmentConfiguration) => ({
  functionName: configuration.functionName,
  functionVersion: configuration.functionVersion,
  instanceId: configuration.logStreamName,
  instanceMaxMemory: configuration.memorySizeMb * 1_048_576,
  ...(configuration.runtimeVersion === undefined ? {} : { runtimeVersion: configuration.runtimeVersion }),
});

export const emitInitStart = (turn: Turn, configuration: EnvironmentConfiguration, phase: InitPhase): void =>
  emit(turn, {
    type: "platform.initStart",
    initializationType: configuration.initializationType,
    phase,
    ...environmentFacts(configuration),
  });

export const emitRestoreStart = (turn: Turn, configuration: EnvironmentConfiguration): void =>
  emit(turn, { type: "platform.restoreStart", ...environmentFacts(configuration) });

/** The end of an Init: initRuntimeDone, one record an extension, initReport (EVT-35, EVT-36, EVT-39, EVT-67). */
export function emitInitEnd(turn: Turn, environment: Initializing, verdict: Verdict): void {
  const { initializationType } = environment.configuration;
  const common = { initializationType, phase: environment.attempt, ...verdict };
  if (environment.runtimeLaunched) emit(turn, { type: "platform.initRuntimeDone", ...common });
  for (const extension of reportOrder(environment.generation)) emit(turn, extensionReport(extension));
  emit(turn, { type: "platform.initReport", ...common, durationMs: elapsedMs(environment.startedAt, turn.now) });
}

/** EVT-67: external before internal, each group by name. */
const reportOrder = ({ extensions }: Generation): readonly Extension[] =>
  extensions.toSorted((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind === "external" ? -1 : 1));

const extensionReport = (extension: Extension): ExtensionReport => ({
  type: "platform.extension",
  name: extension.name,
  state: extension.state,
  events: extension.events,
  ...(extension.launchErrorType === undefined ? {} : { errorType: extension.launchErrorType }),
});

interface Correlation {
  readonly tracing?: Tracing;
  readonly tenantId?: string;
}

const correlation = ({ tracing, tenantId }: Invocation): Correlation => ({
  ...(tracing === undefined ? {} : { tracing }),
  ...(tenantId === undefined ? {} : { tenantId }),
});

export function emitStart(turn: Turn, configuration: EnvironmentConfiguration, invocation: Invocation): void {
  const record: Start = {
    type: "platform.start",
    requestId: invocation.requestId,
    functionArn: invocation.invokedFunctionArn,
    version: configuration.functionVersion,
    ...correlation(invocation),
  };
  emit(turn, record);
}

/** EVT-48 to EVT-54. */
export const emitRuntimeDone = (turn: Turn, environment: Invoking, verdict: Verdict): void => {
  const { response, releasedAt } = environment;
  emit(turn, {
    type: "platform.runtimeDone",
    requestId: environment.invocation.requestId,
    ...verdict,
    spans: runtimeSpans(environment, turn.now),
    durationMs: elapsedMs(releasedAt, turn.now),
    producedBytes: response?.bytes ?? 0,
    ...correlation(environment.invocation),
  });
};

/** For an Init inside the invocation that failed: the runtime never got the event (EVT-90, EVT-94). */
export const emitRuntimeNeverBegan = (turn: Turn, invocation: Invocation, verdict: Verdict, since: number): void =>
  emit(turn, {
    type: "platform.runtimeDone",
    requestId: invocation.requestId,
    ...verdict,
    spans: [],
    durationMs: elapsedMs(since, turn.now),
    producedBytes: 0,
    ...correlation(invocation),
  });

/** EVT-53, EVT-54: all three or none. */
function runtimeSpans({ response, releasedAt, runtimeDoneAt }: Invoking, now: number): readonly Span[] {
  if (response?.endAt === undefined || !response.delivered || runtimeDoneAt === undefined) return [];
  const { firstByteAt, endAt } = response;
  return [
    { name: "responseLatency", start: releasedAt, durationMs: elapsedMs(releasedAt, firstByteAt) },
    { name: "responseDuration", start: firstByteAt, durationMs: elapsedMs(firstByteAt, endAt) },
    { name: "runtimeOverhead", start: endAt, durationMs: elapsedMs(endAt, now) },
  ];
}

/** EVT-55 to EVT-65; without the memory, which the host measures. */
export function draftReport(
  configuration: EnvironmentConfiguration,
  invocation: Invocation,
  unreported: Unreported,
  outcome: {
    readonly durationMs: number;
    readonly fatal: Fatal | undefined;
    readonly spans: readonly Span[];
    readonly traced?: TracedInvocation | undefined;
    readonly functionFailed?: boolean;
  },
): ReportDraft {
  const timedOut = outcome.fatal?.status === "timeout";
  const durationMs = timedOut ? configuration.timeoutMs : outcome.durationMs;
  const { initDurationMs, restore } = unreported;
  // EVT-61: a provisioned environment's Init is billed elsewhere.
  const billedInitMs = configuration.initializationType === "on-demand" ? (initDurationMs ?? 0) : 0;
  return {
    type: "platform.report",
    requestId: invocation.requestId,
    ...verdictOf(outcome.fatal),
    durationMs,
    billedDurationMs: Math.ceil(Math.round((durationMs + billedInitMs) * 1000) / 1000 + (restore?.billedMs ?? 0)),
    memorySizeMB: configuration.memorySizeMb,
    ...(initDurationMs === undefined ? {} : { initDurationMs }),
    ...(restore === undefined
      ? {}
      : { restoreDurationMs: restore.durationMs, billedRestoreDurationMs: restore.billedMs }),
    spans: outcome.spans,
    ...correlation(invocation),
    ...(outcome.traced === undefined ? {} : { traced: outcome.traced }),
    ...(outcome.functionFailed === true ? { functionFailed: true } : {}),
  };
}

/** For the segments of an invocation that ends now (OBS-71, OBS-74, OBS-76). */
export function tracedInvocation(environment: Invoking, now: number): TracedInvocation | undefined {
  const { invocation, startedAt, releasedAt, response, handlerError } = environment;
  if (invocation.trace === undefined) return undefined;
  return {
    attempt: invocation.trace,
    startedAt,
    endedAt: now,
    releasedAt,
    ...(response?.endAt === undefined ? {} : { respondedAt: response.endAt }),
    ...(handlerError === undefined ? {} : { handlerError }),
  };
}
