/** What the Telemetry and Logs APIs answer to a subscription, as data (TEL-35 to TEL-63, LGS-03 to LGS-11). */
import { subscriptionTooLarge, type SubscriptionApi } from "./subscription-api.ts";
import { logsVersions } from "./telemetry-api.ts";

export interface SubscriptionAnswer {
  readonly status: number;
  /** Written as it stands, without LF. */
  readonly body: string;
}

/** TEL-35 */
export const subscribedAnswer: SubscriptionAnswer = { status: 200, body: '"OK"' };

/** TEL-36 */
export const alreadySubscribedAnswer: SubscriptionAnswer = { status: 200, body: '"AlreadySubscribed"' };

type Kind = "DeserializationError" | "ValidationError" | "AccessDenied";

/** The "agent answer": error type first, its prefix by API (LGS-05), no LF. */
function agentAnswer(status: number, api: SubscriptionApi, kind: Kind, errorMessage: string): SubscriptionAnswer {
  const prefix = api === "telemetry" ? "Telemetry" : "Logs";
  return { status, body: JSON.stringify({ errorType: `${prefix}.${kind}`, errorMessage }) };
}

/** TEL-46 */
export const unreadableBody = (api: SubscriptionApi, message: string): SubscriptionAnswer =>
  agentAnswer(400, api, "DeserializationError", message);

/** TEL-58 to TEL-62 */
export const invalidSubscription = (api: SubscriptionApi, problems: readonly string[]): SubscriptionAnswer =>
  agentAnswer(400, api, "ValidationError", problems.join("; "));

/** TEL-09 */
export function bodyTooLarge(api: SubscriptionApi): SubscriptionAnswer {
  const { status, errorType, errorMessage } = subscriptionTooLarge[api];
  return { status, body: JSON.stringify({ errorType, errorMessage }) };
}

/** TEL-57, LGS-03 */
export const wrongVersionFamily = (api: SubscriptionApi): SubscriptionAnswer =>
  invalidSubscription(api, [
    api === "telemetry"
      ? "TelemetryAPI only supports the SchemaVersion released after 2021-03-18"
      : `LogsAPI only supports the following SchemaVersion: ${logsVersions.join(", ")}`,
  ]);

/** TEL-51 */
export const singleEventRefused = (api: SubscriptionApi): SubscriptionAnswer =>
  invalidSubscription(api, ["Unrecognized enum variant"]);

/** TEL-23 */
export const portReserved = (api: SubscriptionApi, port: number): SubscriptionAnswer =>
  invalidSubscription(api, [`port ${port} is reserved`]);

/** TEL-48 */
export const schemeRefused = (api: SubscriptionApi): SubscriptionAnswer =>
  agentAnswer(403, api, "AccessDenied", "Only 'http' scheme is supported.");

/** TEL-49 */
export const hostRefused = (api: SubscriptionApi): SubscriptionAnswer =>
  agentAnswer(403, api, "AccessDenied", "Only 'sandbox.localdomain' hostname is supported.");

/** TEL-63, LGS-08 */
export function otherApiTaken(api: SubscriptionApi, extensionName: string): SubscriptionAnswer {
  const other = api === "telemetry" ? "LogsAPI" : "TelemetryAPI";
  const text = `The extension ${extensionName} is already subscribed to the ${other}. You must either subscribe to the LogsAPI or the TelemetryAPI`;
  return agentAnswer(400, api, "AccessDenied", text);
}

/** TEL-68 */
export const tooManySubscriptions = (api: SubscriptionApi): SubscriptionAnswer =>
  invalidSubscription(api, ["too many subscriptions"]);
