/** A subscription as an extension asked for it, defaults filled in (TEL-12 to TEL-31). */
import type { SubscriptionApi } from "../protocol/subscription-api.ts";
import type { SchemaVersion } from "../protocol/telemetry-api.ts";
import type { TelemetryType } from "../protocol/telemetry-records.ts";

export type Destination =
  | {
      readonly protocol: "HTTP";
      /** As given (TEL-37 compares it so). */
      readonly uri: string;
      readonly port: number;
      /** Path and query as given, `/` when there is none (DLV-01). */
      readonly target: string;
      readonly method: "POST" | "PUT";
    }
  | { readonly protocol: "TCP"; readonly port: number };

export interface Buffering {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxItems: number;
}

export interface Subscription {
  /** It belongs to the name, not to an identifier that changes with every process (TEL-67). */
  readonly extensionName: string;
  readonly api: SubscriptionApi;
  readonly schemaVersion: SchemaVersion;
  /** In the order requested, each once (TEL-15). */
  readonly types: readonly TelemetryType[];
  readonly destination: Destination;
  readonly buffering: Buffering;
}

/** Whether both ask for the same (TEL-37). */
export const sameSubscription = (one: Subscription, other: Subscription): boolean => key(one) === key(other);

const key = ({ extensionName, api, schemaVersion, types, destination, buffering }: Subscription): string =>
  JSON.stringify([
    extensionName,
    api,
    schemaVersion,
    [...types].sort(),
    destination.protocol === "HTTP" ? [destination.uri, destination.method] : destination.port,
    [buffering.timeoutMs, buffering.maxBytes, buffering.maxItems],
  ]);
