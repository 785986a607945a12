/** What each Logs API version shows of a platform record (LGS-17 to LGS-30). */
import type { LogsVersion } from "./telemetry-api.ts";
import { telemetryRecord, tracingMembers, usageMetrics, type RecordMembers } from "./telemetry-events.ts";
import type { PlatformRecord, Report } from "./telemetry-records.ts";

export interface LogsEvent {
  readonly type: string;
  /** A string for `platform.fault` only (LGS-26). */
  readonly record: RecordMembers | string;
}

/** The events of this version for one record, in order; empty when it has none. All have the record's time (LGS-40). */
export function logsEvents(record: PlatformRecord, version: LogsVersion): readonly LogsEvent[] {
  switch (record.type) {
    case "platform.start":
      return [{ type: record.type, record: { requestId: record.requestId, version: record.version } }];
    case "platform.runtimeDone":
      return version === "2020-08-15"
        ? []
        : [{ type: record.type, record: { requestId: record.requestId, status: runtimeStatus[record.status] } }];
    case "platform.report":
      return invokeEnd(record);
    case "platform.extension": {
      const { name, state, events } = record;
      return [{ type: record.type, record: { name, state, events } }];
    }
    case "platform.logsSubscription":
      return [{ type: record.type, record: { name: record.name, state: record.state, types: record.types } }];
    case "platform.logsDropped":
      return [{ type: record.type, record: telemetryRecord(record, "2025-01-29") ?? {} }];
    case "platform.initStart":
    case "platform.initRuntimeDone":
    case "platform.initReport":
    case "platform.restoreStart":
    case "platform.restoreRuntimeDone":
    case "platform.restoreReport":
    case "platform.telemetrySubscription":
      return [];
    default:
      return record satisfies never;
  }
}

/** LGS-24: this API knows no `error`. */
const runtimeStatus = { success: "success", failure: "failure", error: "failure", timeout: "timeout" } as const;

/** The report is preceded by the end, and by the fault of an invoke that a reset ended (LGS-34, LGS-35, LGS-39). */
function invokeEnd(record: Report): readonly LogsEvent[] {
  const { requestId } = record;
  const end = { type: "platform.end", record: { requestId } };
  const report = {
    type: record.type,
    record: { requestId, metrics: usageMetrics(record), tracing: tracingMembers(record.tracing, false) },
  };
  return record.status === "success"
    ? [end, report]
    : [{ type: "platform.fault", record: faultText(record) }, end, report];
}

/** LGS-26, LGS-27 */
const faultText = ({ requestId, status, errorType }: Report): string =>
  status === "timeout" || errorType === undefined
    ? `RequestId: ${requestId}\tStatus: ${status}\n`
    : `RequestId: ${requestId}\tStatus: ${status}\tErrorType: ${errorType}\n`;
