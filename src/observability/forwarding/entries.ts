/** What environments and the service hand over to be forwarded, as it travels to the forwarder's thread. */
import type { TelemetryRecord } from "../../protocol/telemetry-records.ts";
import type { LambdaMeasurement } from "../metrics/lambda-metrics.ts";
import type { EnvironmentIdentity } from "../sinks.ts";
import type { KeptSegment } from "../traces/segment-document.ts";

/** `environment` is a number of this process's own. */
export type Entry =
  | { readonly kind: "opened"; readonly environment: number; readonly identity: EnvironmentIdentity }
  | { readonly kind: "record"; readonly environment: number; readonly record: TelemetryRecord }
  | { readonly kind: "segment"; readonly environment: number; readonly segment: KeptSegment }
  | { readonly kind: "gone"; readonly environment: number }
  | { readonly kind: "measured"; readonly measurement: LambdaMeasurement };

export type ForwardingRequest =
  | { readonly kind: "take"; readonly entries: readonly Entry[] }
  /** Our own address: whoever is sent there is sent in a circle. */
  | { readonly kind: "served at"; readonly endpoint: string }
  | { readonly kind: "end"; readonly withinMs: number };

/** How forwarding to one target ended; answer to `end`. */
export interface TargetEnd {
  readonly name: string;
  /** Not delivered, but in the spool. */
  readonly left: number;
  /** Not delivered, and in memory only. */
  readonly lost: number;
  readonly dropped: number;
  readonly droppedFor: Readonly<Record<string, number>>;
}
