/** Logs, metrics and traces by OTLP/HTTP: `import … from "lambdarium/extension/destinations/otlp"`. */
import type { Destination } from "./destination.ts";
import { httpClient } from "./http/http-client.ts";
import { otlpDestination } from "./otlp/otlp-destination.ts";
import type { OtlpSettings } from "./otlp/otlp-settings.ts";

export type { OtlpSettings };

/**
 * Lines become log records, reports become metrics, and the three events of each sampled invocation become spans. As the
 * protocol has it, 429, 502, 503 and 504 are tried again, after `Retry-After` where it is given, and nothing else is.
 */
export const otlp = (settings: OtlpSettings = {}): Destination => otlpDestination(settings, httpClient());
