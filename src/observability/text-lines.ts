/** The system lines of log format Text (OBS-11 to OBS-26). */
import type {
  ExtensionReport,
  InitReport,
  PlatformRecord,
  Report,
  RestoreReport,
  RuntimeVersion,
  SubscriptionReport,
  Tracing,
  Verdict,
} from "../protocol/telemetry-records.ts";
import { toHundredths } from "../protocol/telemetry-values.ts";

/** The lines of a platform record, each one log event; none for those Text format does not show. */
export function textLines(record: PlatformRecord): readonly string[] {
  switch (record.type) {
    case "platform.initStart":
      return runtimeVersionLine("INIT_START", record.runtimeVersion);
    case "platform.initReport":
      return initReport(record);
    case "platform.restoreStart":
      return runtimeVersionLine("RESTORE_START", record.runtimeVersion);
    case "platform.restoreReport":
      return [restoreReport(record)];
    case "platform.extension":
      return [extension(record)];
    case "platform.telemetrySubscription":
      return [subscription("TELEMETRY", record)];
    case "platform.logsSubscription":
      return [subscription("LOGS", record)];
    case "platform.start":
      return [`START RequestId: ${record.requestId} Version: ${record.version}\n`];
    case "platform.report":
      return [`END RequestId: ${record.requestId}\n`, report(record) + xray(record.tracing)];
    case "platform.initRuntimeDone":
    case "platform.restoreRuntimeDone":
    case "platform.runtimeDone":
    case "platform.logsDropped":
      return [];
    default:
      return record satisfies never;
  }
}

/** OBS-11: without a version there is nothing to show. */
const runtimeVersionLine = (name: string, version: RuntimeVersion | undefined): readonly string[] =>
  version === undefined
    ? []
    : [`${name} Runtime Version: ${version.runtimeVersion}\tRuntime Version ARN: ${version.runtimeVersionArn}\n`];

/** OBS-12 to OBS-14 */
function initReport(record: InitReport): readonly string[] {
  const start = `INIT_REPORT Init Duration: ${milliseconds(record.durationMs)} ms`;
  if (record.status !== "success") return [`${start}\tPhase: ${record.phase}\t${verdict(record)}\n`];
  return record.initializationType === "on-demand" ? [] : [`${start}\n`];
}

/** OBS-15 */
function restoreReport(record: RestoreReport): string {
  const start = `RESTORE_REPORT Restore Duration: ${milliseconds(record.durationMs)} ms`;
  return record.status === "success" ? `${start}\n` : `${start}\t${verdict(record)}\n`;
}

/** OBS-16 */
function extension({ name, state, events, errorType }: ExtensionReport): string {
  const error = errorType === undefined ? "" : `\tError Type: ${errorType}`;
  return `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(", ")}]${error}\n`;
}

/** OBS-17 */
function subscription(title: string, { name, state, types }: SubscriptionReport): string {
  const capitalised = types.map((type) => type.charAt(0).toUpperCase() + type.slice(1));
  return `${title}\tName: ${name}\tState: ${state}\tTypes: [${capitalised.join(", ")}]\n`;
}

/** OBS-20 to OBS-22: a success ends with a TAB, anything else with its status. */
function report(record: Report): string {
  const fields = [
    `REPORT RequestId: ${record.requestId}`,
    `Duration: ${milliseconds(record.durationMs)} ms`,
    `Billed Duration: ${record.billedDurationMs} ms`,
    `Memory Size: ${record.memorySizeMB} MB`,
    `Max Memory Used: ${record.maxMemoryUsedMB} MB`,
    ...optional("Init Duration", record.initDurationMs, milliseconds),
    ...optional("Restore Duration", record.restoreDurationMs, milliseconds),
    ...optional("Billed Restore Duration", record.billedRestoreDurationMs, String),
    record.status === "success" ? "" : verdict(record),
  ];
  return `${fields.join("\t")}\n`;
}

const optional = (name: string, value: number | undefined, written: (value: number) => string): readonly string[] =>
  value === undefined ? [] : [`${name}: ${written(value)} ms`];

const verdict = ({ status, errorType }: Verdict): string =>
  status === "timeout" || errorType === undefined ? `Status: ${status}` : `Status: ${status}\tError Type: ${errorType}`;

/** OBS-23: part of the same log event. */
function xray(tracing: Tracing | undefined): string {
  if (tracing?.spanId === undefined) return "";
  const root = /(?:^|;)Root=([^;]*)/.exec(tracing.value)?.[1] ?? "";
  return `XRAY TraceId: ${root}\tSegmentId: ${tracing.spanId}\tSampled: true\t\n`;
}

/** OBS-03: the value the event shows, with exactly two decimals. */
const milliseconds = (durationMs: number): string => toHundredths(durationMs).toFixed(2);
