/** What each Telemetry API version shows of a platform record: members and their order (EVT-31 to EVT-72). */
import type { TelemetryVersion } from "./telemetry-api.ts";
import type {
  InitReport,
  InitRuntimeDone,
  InitStart,
  PlatformRecord,
  Report,
  RestoreReport,
  RestoreStart,
  RuntimeDone,
  Span,
  Start,
  Tracing,
  Verdict,
} from "./telemetry-records.ts";
import { formatTime, toHundredths, toMicroseconds } from "./telemetry-values.ts";

/** Members in the order they are written; `undefined` ones are left out (EVT-05). */
export type RecordMembers = Readonly<Record<string, unknown>>;

/** The `record` of an event in this version, or `undefined` when the version has no such event. */
export function telemetryRecord(record: PlatformRecord, version: TelemetryVersion): RecordMembers | undefined {
  switch (record.type) {
    case "platform.initStart":
      return initStart(record, version);
    case "platform.initRuntimeDone":
      return initRuntimeDone(record);
    case "platform.initReport":
      return initReport(record, version);
    case "platform.restoreStart":
      return { ...record.runtimeVersion, ...environmentFacts(record, version) };
    case "platform.restoreRuntimeDone":
      return verdict(record);
    case "platform.restoreReport":
      return restoreReport(record, version);
    case "platform.start":
      return start(record, version);
    case "platform.runtimeDone":
      return runtimeDone(record, version);
    case "platform.report":
      return report(record, version);
    case "platform.extension": {
      const { name, state, events, errorType } = record;
      return { name, state, events, errorType: version === "2022-07-01" ? undefined : errorType };
    }
    case "platform.telemetrySubscription":
      return { name: record.name, state: record.state, types: record.types };
    case "platform.logsSubscription":
      return undefined;
    case "platform.logsDropped":
      return { reason: record.reason, droppedRecords: record.droppedRecords, droppedBytes: record.droppedBytes };
    default:
      return record satisfies never;
  }
}

/** EVT-15, without `spanId` for the Logs API (LGS-23). */
export const tracingMembers = (tracing: Tracing | undefined, withSpan: boolean): RecordMembers | undefined =>
  tracing === undefined
    ? undefined
    : { spanId: withSpan ? tracing.spanId : undefined, type: "X-Amzn-Trace-Id", value: tracing.value };

/** EVT-32 */
function initStart(record: InitStart, version: TelemetryVersion): RecordMembers {
  const { initializationType, phase, runtimeVersion } = record;
  return { initializationType, phase, ...runtimeVersion, ...environmentFacts(record, version) };
}

const environmentFacts = (record: InitStart | RestoreStart, version: TelemetryVersion): RecordMembers => {
  if (version === "2022-07-01") return {};
  const { functionName, functionVersion, instanceId } = record;
  // EVT-33: from 4,096 MB on the bytes do not fit a consumer's 32 bits, which would refuse the whole batch.
  const most = version === "2022-12-13" ? 2 ** 32 - 1 : Infinity;
  return { functionName, functionVersion, instanceId, instanceMaxMemory: Math.min(record.instanceMaxMemory, most) };
};

/** EVT-34 */
const initRuntimeDone = (record: InitRuntimeDone): RecordMembers => ({
  initializationType: record.initializationType,
  phase: record.phase,
  ...verdict(record),
});

/** EVT-40: version 2022-07-01 has another order, and no verdict (EVT-38). */
function initReport(record: InitReport, version: TelemetryVersion): RecordMembers {
  const { initializationType, phase } = record;
  const metrics = { durationMs: toMicroseconds(record.durationMs) };
  return version === "2022-07-01"
    ? { initializationType, metrics, phase }
    : { initializationType, phase, ...verdict(record), metrics };
}

/** EVT-43 */
const restoreReport = (record: RestoreReport, version: TelemetryVersion): RecordMembers => ({
  ...(version === "2022-07-01" ? {} : verdict(record)),
  metrics: { durationMs: toMicroseconds(record.durationMs) },
});

/** EVT-45 */
const start = (record: Start, version: TelemetryVersion): RecordMembers => ({
  requestId: record.requestId,
  functionArn: version === "2025-01-29" ? record.functionArn : undefined,
  version: record.version,
  ...invocationContext(record, version),
});

/** EVT-48 */
const runtimeDone = (record: RuntimeDone, version: TelemetryVersion): RecordMembers => ({
  requestId: record.requestId,
  ...verdict(record),
  spans: spans(record.spans),
  metrics: { durationMs: toMicroseconds(record.durationMs), producedBytes: record.producedBytes },
  ...invocationContext(record, version),
});

/** EVT-55, EVT-56 */
const report = (record: Report, version: TelemetryVersion): RecordMembers => ({
  requestId: record.requestId,
  metrics: {
    ...usageMetrics(record),
    restoreDurationMs: rounded(record.restoreDurationMs),
    billedRestoreDurationMs: version === "2022-07-01" ? undefined : record.billedRestoreDurationMs,
  },
  spans: spans(record.spans),
  ...verdict(record),
  ...invocationContext(record, version),
});

/** The metrics every version of both APIs shows (EVT-56, LGS-22). */
export const usageMetrics = (record: Report): RecordMembers => ({
  durationMs: toMicroseconds(record.durationMs),
  billedDurationMs: record.billedDurationMs,
  memorySizeMB: record.memorySizeMB,
  maxMemoryUsedMB: record.maxMemoryUsedMB,
  initDurationMs: rounded(record.initDurationMs),
});

const rounded = (durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : toHundredths(durationMs);

/** EVT-23: success and timeout never have a type, whatever the record says. */
function verdict({ status, errorType }: Verdict): RecordMembers {
  return { status, errorType: status === "error" || status === "failure" ? errorType : undefined };
}

/** EVT-13 */
const spans = (all: readonly Span[]): readonly RecordMembers[] | undefined =>
  all.length === 0
    ? undefined
    : all.map(({ name, start, durationMs }) => ({
        name,
        start: formatTime(start),
        durationMs: toMicroseconds(durationMs),
      }));

const invocationContext = (
  record: { readonly tracing?: Tracing; readonly tenantId?: string },
  version: TelemetryVersion,
): RecordMembers => ({
  tracing: tracingMembers(record.tracing, true),
  tenantId: version === "2025-01-29" ? record.tenantId : undefined,
});
