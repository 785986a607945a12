/** The log events that CloudWatch gets of an environment, without a store. */
import { failure } from "../errors.ts";
import { filterPattern } from "../observability/logs/filter-pattern/filter-pattern.ts";
import { InvalidFilterPattern } from "../observability/logs/filter-pattern/pattern.ts";
import { logEvents } from "../observability/logs/log-events.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { HostedFunction } from "./hosted-function.ts";

export interface LoggedEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  /** As CloudWatch stores it: with its line end where it has one. */
  readonly message: string;
}

/** Those of one record: none where level or format leave it out, two where a line END belongs to it. */
export const loggedEvents = (record: TelemetryRecord, hosted: HostedFunction): readonly LoggedEvent[] =>
  logEvents(record, hosted);

/** @throws LambdariumError `filter-pattern-invalid` */
export function messageTest(pattern: string): (message: string) => boolean {
  try {
    return filterPattern(pattern).matches;
  } catch (error) {
    if (!(error instanceof InvalidFilterPattern)) throw error;
    throw failure("filter-pattern-invalid", { pattern, why: error.message }, error);
  }
}
