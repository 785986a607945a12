/** Logs to Datadog: `import … from "lambdarium/extension/destinations/datadog"`. */
import { type Destination, type FailedItem, type Item, type Origin, textItem } from "./destination.ts";
import { functionArn } from "./function-arn.ts";
import type { Compression } from "./http/compress.ts";
import { type HttpAddress, httpAddress } from "./http/http-address.ts";
import { httpPost } from "./http/http-post.ts";
import { resultOf } from "./http/http-results.ts";
import { type Secret, secretUse } from "./http/secret.ts";
import { logEntries, type LogEntry } from "./log-entry.ts";
import { misconfigured } from "./misconfigured.ts";

export interface DatadogSettings {
  /** Default `DD_API_KEY`. */
  readonly apiKey?: Secret | undefined;
  /** Such as `datadoghq.eu`; default `DD_SITE`, else `datadoghq.com`. */
  readonly site?: string;
  /** Instead of the site's intake; default `DD_LOGS_CONFIG_LOGS_DD_URL`. */
  readonly url?: string | URL | undefined;
  /** Default `DD_SERVICE`, else the function's name. */
  readonly service?: string;
  /** Added to those of the function, and of `DD_ENV`, `DD_VERSION` and `DD_TAGS`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Default `lambda`, which Datadog has a pipeline for. */
  readonly source?: string;
  /** Default `gzip`. */
  readonly compression?: Compression;
}

/** 5 MB before compression, 1000 logs; a log above 1 MB is cut by Datadog. */
const limits = { maxItems: 1000, maxBytes: 5_000_000, itemOverheadBytes: 1, requestOverheadBytes: 1 } as const;

/** Datadog answers 202 to older ones, and leaves them out. */
const oldestMs = 18 * 3_600_000;

/**
 * The intake of logs, version 2. 202 is taken; 408, 429 and 5xx are tried again; 413 halves the request; 400 looks for
 * the log at fault; 401 and 403 keep everything in the spool. Logs older than 18 hours are dropped, and counted.
 */
export function datadog(settings: DatadogSettings = {}): Destination {
  const { env } = process;
  const { url, problem } = intake(settings);
  if (url === undefined) return misconfigured("datadog", problem);
  const key = secretUse(settings.apiKey ?? env["DD_API_KEY"], "no API key: set DD_API_KEY, or apiKey");
  if (key.problem !== undefined) return misconfigured(`datadog ${url.host}`, key.problem);
  const { post, connections } = httpPost(settings.compression ?? "gzip");
  const entryOf = logEntries();
  let common: object | undefined;
  return {
    name: `datadog ${url.host}`,
    limits,
    encode(record, origin) {
      common ??= commonMembers(settings, origin);
      const entry = entryOf(record);
      if (entry === undefined) return [];
      const arn = functionArn(origin);
      return [textItem(JSON.stringify({ ...logOf(entry, record.record, arn), ...common }), entry.timeMs)];
    },
    async send({ items, signal }) {
      const now = Date.now();
      const taken = items.filter(({ timeMs }) => now - timeMs <= oldestMs);
      const failed = items.flatMap((item, index): FailedItem[] =>
        taken.includes(item) ? [] : [{ index, reason: "older than the 18 hours Datadog takes", retry: false }],
      );
      if (taken.length === 0) return { kind: "partly", failed };
      const result = await key.sendWith(async (apiKey) => {
        const headers = { "Content-Type": "application/json", "DD-API-KEY": apiKey };
        return resultOf(await post({ url, headers, body: arrayOf(taken), signal }));
      });
      return result.kind === "delivered" && failed.length > 0 ? { kind: "partly", failed } : result;
    },
    ...connections,
  };
}

const arrayOf = (items: readonly Item[]): string => `[${items.map(({ body }) => String(body)).join(",")}]`;

function intake({ site, url }: DatadogSettings): HttpAddress {
  const { DD_SITE, DD_LOGS_CONFIG_LOGS_DD_URL } = process.env;
  const given =
    url?.toString() ?? DD_LOGS_CONFIG_LOGS_DD_URL ?? `http-intake.logs.${site ?? DD_SITE ?? "datadoghq.com"}`;
  // The variable of Datadog's own extension is often written without a scheme.
  const address = httpAddress(/^https?:\/\//.test(given) ? given : `https://${given}`, "url");
  return address.url?.pathname === "/" ? { url: new URL("/api/v2/logs", address.url) } : address;
}

/** By the names of Datadog's own extension, so that its dashboards find them. */
function logOf(entry: LogEntry, record: unknown, arn: string | undefined): object {
  const { text, timeMs, level, requestId, trace, type, members, isPlatform } = entry;
  return {
    // A message in JSON is taken apart by Datadog.
    message: isPlatform || typeof record === "string" ? text : JSON.stringify(record),
    timestamp: timeMs,
    ...(level === undefined ? {} : { status: level.toLowerCase() }),
    lambda: { arn, request_id: requestId },
    ...(trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.spanId }),
    ...(isPlatform ? { platform: { type, ...members } } : {}),
  };
}

function commonMembers({ service, source, tags }: DatadogSettings, origin: Origin): object {
  const { DD_SERVICE, DD_ENV, DD_VERSION, DD_TAGS } = process.env;
  const name = service ?? DD_SERVICE ?? origin.functionName;
  const arn = functionArn(origin);
  const all = {
    functionname: origin.functionName.toLowerCase(),
    executedversion: origin.functionVersion,
    region: origin.region,
    account_id: origin.accountId,
    function_arn: arn?.toLowerCase(),
    memorysize: origin.memorySizeMb === 0 ? undefined : String(origin.memorySizeMb),
    service: name,
    env: DD_ENV,
    version: DD_VERSION,
    ...tags,
  };
  const listed = Object.entries(all).flatMap(([tag, value]) =>
    value === undefined || value === "" ? [] : `${tag}:${value}`,
  );
  // Separated by commas or by spaces, says Datadog of the variable.
  const given = (DD_TAGS ?? "").split(/[\s,]+/).filter((tag) => tag !== "");
  return {
    ddsource: source ?? "lambda",
    ddtags: [...listed, ...given].join(","),
    service: name,
    ...(arn === undefined ? {} : { hostname: arn }),
  };
}
