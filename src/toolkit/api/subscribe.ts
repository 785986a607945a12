/** Subscribing to telemetry: which events, of which schema version, to which port. */
import type { LogsVersion, TelemetryVersion } from "../../protocol/telemetry-api.ts";
import type { TelemetryType } from "../../protocol/telemetry-records.ts";
import { refusal, type Registration } from "./extensions-api.ts";
import type { SandboxCall } from "./sandbox-call.ts";
import { ExtensionError } from "../extension-error.ts";

export interface SubscriptionSettings {
  /** Default `platform` and `function`. */
  readonly types?: readonly TelemetryType[];
  /** Default 2025-01-29; the two older ones subscribe through the Logs API. */
  readonly schemaVersion?: TelemetryVersion | LogsVersion;
  /** When the platform sends a batch; default the smallest, 1000 records, 262,144 bytes, 25 ms. */
  readonly buffering?: { readonly maxItems?: number; readonly maxBytes?: number; readonly timeoutMs?: number };
}

export type SubscriptionOutcome = "subscribed" | "already subscribed";

/**
 * Subscribes the extension to what the settings say; the listener must be bound.
 * @throws ExtensionError `telemetry-not-supported` where the platform has none, `subscription-refused`
 */
export async function subscribe(
  call: SandboxCall,
  { identifier }: Registration,
  settings: SubscriptionSettings,
  uri: string,
): Promise<SubscriptionOutcome> {
  const schemaVersion = settings.schemaVersion ?? "2025-01-29";
  const answer = await call({
    method: "PUT",
    path: schemaVersion < "2022" ? "/2020-08-15/logs" : "/2022-07-01/telemetry",
    headers: { "Lambda-Extension-Identifier": identifier },
    body: JSON.stringify({
      schemaVersion,
      types: settings.types ?? ["platform", "function"],
      buffering: { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25, ...settings.buffering },
      destination: { protocol: "HTTP", URI: uri },
    }),
  });
  if (answer.status === 200) return answer.text.includes("Already") ? "already subscribed" : "subscribed";
  // 202 is how a platform without telemetry answers; 404 is how emulators do that do not know the path.
  if (answer.status === 202 || answer.status === 404)
    throw new ExtensionError(
      "telemetry-not-supported",
      "this platform has no Telemetry API: nothing will be received",
      {
        answer: { status: answer.status },
      },
    );
  throw refusal("subscription-refused", "the subscription", answer);
}
