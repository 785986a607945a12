/** Where and how a subscription is asked for, Telemetry API and Logs API, as data (spec: telemetry-api, logs-api). */
import type { Refusal } from "./refusals.ts";

export type SubscriptionApi = "telemetry" | "logs";

/** TEL-01, LGS-01 */
export const subscriptionRoutes = { telemetry: "/2022-07-01/telemetry", logs: "/2020-08-15/logs" } as const;

/** TEL-09 */
export const maxSubscriptionBytes = 1_048_576;

/** TEL-06, LGS-07: a refusal in form, a 202 by status. */
export const subscriptionNotSupported: Readonly<Record<SubscriptionApi, Refusal>> = {
  telemetry: { status: 202, errorType: "Telemetry.NotSupported", errorMessage: "Telemetry API is not supported" },
  logs: { status: 202, errorType: "Logs.NotSupported", errorMessage: "Logs API is not supported" },
};

/** TEL-09: unlike the refusals of the core this is an agent answer, whose keys stand the other way round. */
export const subscriptionTooLarge: Readonly<Record<SubscriptionApi, Refusal>> = {
  telemetry: { status: 413, errorType: "Telemetry.ValidationError", errorMessage: "Request body is too large" },
  logs: { status: 413, errorType: "Logs.ValidationError", errorMessage: "Request body is too large" },
};
