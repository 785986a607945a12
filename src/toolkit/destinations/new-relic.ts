/** Logs to New Relic: `import … from "lambdarium/extension/destinations/new-relic"`. */
import { cutText } from "./cut-text.ts";
import { type Destination, type Origin, textItem } from "./destination.ts";
import { functionArn } from "./function-arn.ts";
import type { Compression } from "./http/compress.ts";
import { httpAddress } from "./http/http-address.ts";
import { httpPost } from "./http/http-post.ts";
import { resultOf } from "./http/http-results.ts";
import { type Secret, secretUse } from "./http/secret.ts";
import { logEntries, type LogEntry } from "./log-entry.ts";
import { misconfigured } from "./misconfigured.ts";

type Region = "US" | "EU" | "FedRAMP";

export interface NewRelicSettings {
  /** Default `NEW_RELIC_LICENSE_KEY`. */
  readonly licenseKey?: Secret | undefined;
  /** Default what the key says by its beginning: EU, else US. */
  readonly region?: Region;
  /** Instead of the region's endpoint; default `NEW_RELIC_LOG_ENDPOINT`. */
  readonly url?: string | URL | undefined;
  /** Of every log, sent once for each request. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Default `gzip`. */
  readonly compression?: Compression;
}

/** 1,000,000 bytes; what is common to all logs takes some of them. */
const limits = { maxItems: 10_000, maxBytes: 1_000_000, itemOverheadBytes: 1, requestOverheadBytes: 4096 } as const;

/** New Relic keeps so much of a text. */
const maxTextBytes = 128_000;
const maxAttributes = 255;
const maxValueLength = 4094;

const endpoints: Readonly<Record<Region, string>> = {
  US: "https://log-api.newrelic.com/log/v1",
  EU: "https://log-api.eu.newrelic.com/log/v1",
  FedRAMP: "https://gov-log-api.newrelic.com/log/v1",
};

/**
 * The Log API, with what is true of all logs in its common block. 202 is taken; 408, 429 (after `Retry-After`) and 5xx
 * are tried again; 413 halves the request; 400 looks for the log at fault; 403 and any other answer keep everything in
 * the spool.
 */
export function newRelic(settings: NewRelicSettings = {}): Destination {
  const { env } = process;
  const given = settings.url ?? env["NEW_RELIC_LOG_ENDPOINT"];
  const key = secretUse(
    settings.licenseKey ?? env["NEW_RELIC_LICENSE_KEY"],
    "no license key: set NEW_RELIC_LICENSE_KEY, or licenseKey",
  );
  const { url: endpoint, problem = key.problem } = httpAddress(given ?? endpoints.US, "url");
  const name = `new-relic ${given === undefined ? (settings.region ?? "") : (endpoint?.host ?? "")}`.trim();
  if (problem !== undefined) return misconfigured(name, problem);
  const { post, connections } = httpPost(settings.compression ?? "gzip");
  const entryOf = logEntries();
  return {
    name,
    limits,
    encode(record) {
      const entry = entryOf(record);
      return entry === undefined ? [] : [textItem(JSON.stringify(logOf(entry, record.record)), entry.timeMs)];
    },
    send: ({ items, origin, signal }) =>
      key.sendWith(async (licenseKey) => {
        const region = settings.region ?? (licenseKey.toLowerCase().startsWith("eu") ? "EU" : "US");
        const url = new URL(given ?? endpoints[region]);
        const common = JSON.stringify({ attributes: { ...commonAttributes(origin), ...settings.attributes } });
        const body = `[{"common":${common},"logs":[${items.map((item) => String(item.body)).join(",")}]}]`;
        const headers = { "Content-Type": "application/json", "Api-Key": licenseKey };
        return resultOf(await post({ url, headers, body, signal }));
      }),
    ...connections,
  };
}

function logOf({ text, timeMs, level, requestId, trace, type, members, isPlatform }: LogEntry, record: unknown) {
  // A message in JSON is taken apart by New Relic.
  const message = isPlatform || typeof record === "string" ? text : JSON.stringify(record);
  const attributes = {
    "lambda.record_type": type,
    ...(level === undefined ? {} : { level: level.toLowerCase() }),
    ...(requestId === undefined ? {} : { "aws.lambda_request_id": requestId, "faas.execution": requestId }),
    ...(trace === undefined ? {} : { "trace.id": trace.traceId, "span.id": trace.spanId }),
    ...(isPlatform ? Object.fromEntries(flat("lambda", members).slice(0, maxAttributes - 10)) : {}),
  };
  return { timestamp: timeMs, message: cutText(message, maxTextBytes), attributes };
}

type Value = string | number | boolean;

/** Attributes have no members of their own: names are joined by dots, lists become JSON. */
function flat(prefix: string, members: Readonly<Record<string, unknown>>): [string, Value][] {
  return Object.entries(members).flatMap(([name, value]): [string, Value][] => {
    const path = `${prefix}.${name}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return flat(path, value as Readonly<Record<string, unknown>>);
    if (typeof value === "number" || typeof value === "boolean") return [[path, value]];
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text === undefined ? [] : [[path, text.slice(0, maxValueLength)]];
  });
}

const commonAttributes = (origin: Origin): Readonly<Record<string, string | undefined>> => ({
  "cloud.provider": "aws",
  "cloud.platform": "aws_lambda",
  "cloud.region": origin.region,
  "cloud.account.id": origin.accountId,
  "faas.name": origin.functionName,
  "faas.version": origin.functionVersion,
  "faas.arn": functionArn(origin),
  "service.name": origin.functionName,
});
