/** One target of forwarding: what it wants of an environment, and the destination that takes it. */
import type { Destination } from "../../toolkit/destinations/destination.ts";
import type { TelemetryRecord as SpooledRecord } from "../../toolkit/telemetry-records.ts";
import type { LambdaMeasurement } from "../metrics/lambda-metrics.ts";
import type { EnvironmentIdentity, EnvironmentSink } from "../sinks.ts";

export type { SpooledRecord };

export interface Target {
  readonly destination: Destination;
  /** Milliseconds between two sendings. */
  readonly intervalMs: number;
  /** Follows one environment. */
  readonly open: (identity: EnvironmentIdentity) => Pick<EnvironmentSink, "accept" | "acceptSegment">;
  readonly measured?: (measurement: LambdaMeasurement) => void;
  /** What was gathered since the last call, as it shall lie in the spool. */
  readonly take: () => readonly SpooledRecord[];
}

/** Whether that is the address at which this very service is served: it would be sent in a circle. */
export type IsOurselves = (host: string, port: number | undefined) => boolean;

/** What a target gathers between two batches. */
export class Gathered {
  #records: SpooledRecord[] = [];

  add(type: string, timeMs: number, record: unknown): void {
    this.#records.push({ time: new Date(timeMs).toISOString(), type, record });
  }

  addWhole(record: SpooledRecord): void {
    this.#records.push(record);
  }

  readonly take = (): readonly SpooledRecord[] => {
    const records = this.#records;
    this.#records = [];
    return records;
  };
}
