/** Lines to Grafana Loki: `import … from "lambdarium/extension/destinations/loki"`. */
import { cutText } from "./cut-text.ts";
import { type Destination, type Item, type Origin, textItem, timeOf } from "./destination.ts";
import type { Compression } from "./http/compress.ts";
import { httpAddress } from "./http/http-address.ts";
import { httpPost } from "./http/http-post.ts";
import { type Secret, secretUse } from "./http/secret.ts";
import { logEntries, type LogEntry } from "./log-entry.ts";
import { misconfigured } from "./misconfigured.ts";
import { judgeLoki } from "./loki/loki-results.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";

export interface LokiSettings {
  /** With or without `/loki/api/v1/push`; default `LOKI_ADDR`, else `http://localhost:3100`. */
  readonly url?: string | URL | undefined;
  /** With `password`, as Grafana Cloud has it; default `LOKI_USERNAME`. */
  readonly username?: string | undefined;
  /** Default `LOKI_PASSWORD`. */
  readonly password?: Secret | undefined;
  /** Instead of the two; default `LOKI_BEARER_TOKEN`. */
  readonly bearerToken?: Secret | undefined;
  /** `X-Scope-OrgID`; default `LOKI_ORG_ID`. */
  readonly tenant?: string | undefined;
  /** Of all streams, beside `service_name`, `cloud_region` and `record_type`. Few, with few values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Ids and levels go with the lines; default true. Loki before 3.0 does not take them unless it was told to. */
  readonly structuredMetadata?: boolean;
  /** Default 262,144, Loki's own; longer lines are cut. */
  readonly maxLineBytes?: number;
  /** Of one request before compression; default 1,000,000. */
  readonly maxBytes?: number;
  /** Default `gzip`. */
  readonly compression?: Compression;
}

/**
 * The push API, in JSON. 204 is taken; 429 and 5xx are tried again; a line that is too old, too far behind its stream or
 * too long for Loki is dropped and counted, since Loki has taken the others; 401, 403 and 404 keep everything in the spool.
 * What is sent twice is kept once: times have a place in their batch as nanoseconds.
 */
export function loki(settings: LokiSettings = {}): Destination {
  const { env } = process;
  const server = httpAddress(settings.url ?? env["LOKI_ADDR"] ?? "http://localhost:3100", "url");
  const authorization = authorizationOf(settings);
  const problem = server.problem ?? authorization?.use.problem;
  if (server.url === undefined || problem !== undefined) return misconfigured("loki", problem ?? "");
  const url = pushUrl(server.url);
  const tenant = settings.tenant ?? env["LOKI_ORG_ID"];
  const maxLineBytes = settings.maxLineBytes ?? 262_144;
  const { post, connections } = httpPost(settings.compression ?? "gzip");
  const entryOf = logEntries();
  const push = async (
    headers: Readonly<Record<string, string>>,
    items: readonly Item[],
    origin: Origin,
    signal: AbortSignal,
  ) => {
    const sent = {
      "Content-Type": "application/json",
      ...headers,
      ...(tenant === undefined ? {} : { "X-Scope-OrgID": tenant }),
    };
    const body = pushBody(items, { ...originLabels(origin), ...settings.labels });
    return judgeLoki(await post({ url, headers: sent, body, signal }), items, (item) => streamAndValue(item)[0]);
  };
  return {
    name: `loki ${url.host}`,
    limits: {
      maxItems: 10_000,
      maxBytes: settings.maxBytes ?? 1_000_000,
      itemOverheadBytes: 1,
      requestOverheadBytes: 4096,
    },
    encode(record, _, id) {
      const entry = entryOf(record);
      if (entry === undefined) return [];
      const metadata = settings.structuredMetadata === false ? undefined : metadataOf(entry);
      const value = [
        nanoseconds(record, id),
        cutText(lineOf(record), maxLineBytes),
        ...(metadata === undefined ? [] : [metadata]),
      ];
      return [textItem(`${streamOf(entry)} ${JSON.stringify(value)}`, timeOf(record))];
    },
    send: ({ items, origin, signal }) =>
      authorization === undefined
        ? push({}, items, origin, signal)
        : authorization.use.sendWith((secret) =>
            push({ Authorization: authorization.header(secret) }, items, origin, signal),
          ),
    ...connections,
  };
}

const pushUrl = (url: URL): URL => (url.pathname === "/" ? new URL("/loki/api/v1/push", url) : url);

type Authorization =
  | { readonly use: ReturnType<typeof secretUse>; readonly header: (secret: string) => string }
  | undefined;

/** Grafana Cloud wants it, a Loki of one's own may not. */
function authorizationOf({ username, password, bearerToken }: LokiSettings): Authorization {
  const { LOKI_USERNAME, LOKI_PASSWORD, LOKI_BEARER_TOKEN } = process.env;
  const token = bearerToken ?? LOKI_BEARER_TOKEN;
  if (token !== undefined)
    return { use: secretUse(token, "the bearer token is empty"), header: (secret) => `Bearer ${secret}` };
  const user = username ?? LOKI_USERNAME;
  if (user === undefined) return undefined;
  const use = secretUse(password ?? LOKI_PASSWORD, "no password: set LOKI_PASSWORD, or password");
  return { use, header: (secret) => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` };
}

const originLabels = ({ functionName, region }: Origin): Readonly<Record<string, string>> => ({
  service_name: functionName,
  ...(region === "" ? {} : { cloud_region: region }),
});

/** All that tells the streams of one request apart. */
const streamOf = ({ type, isPlatform }: LogEntry): string => (isPlatform ? "platform" : type);

function pushBody(items: readonly Item[], labels: Readonly<Record<string, string>>): string {
  const streams = new Map<string, string[]>();
  for (const item of items) {
    const [stream, value] = streamAndValue(item);
    const values = streams.get(stream) ?? [];
    streams.set(stream, values);
    values.push(value);
  }
  const written = [...streams].map(
    ([stream, values]) =>
      `{"stream":${JSON.stringify({ ...labels, record_type: stream })},"values":[${values.join(",")}]}`,
  );
  return `{"streams":[${written.join(",")}]}`;
}

/** An item is the stream it belongs to, a space, and the value. */
function streamAndValue({ body }: Item): readonly [string, string] {
  const text = String(body);
  const space = text.indexOf(" ");
  return [text.slice(0, space), text.slice(space + 1)];
}

/** A line as it was written, any other record as JSON, which Loki's `json` parser takes apart. */
function lineOf({ type, record }: TelemetryRecord): string {
  if (typeof record === "string" && (type === "function" || type === "extension")) return record.replace(/\n$/, "");
  return JSON.stringify(type === "function" || type === "extension" ? record : { type, record });
}

/**
 * A string: JSON's numbers are not exact there. Loki takes equal lines of one time for one, and orders by time: the place
 * in the batch makes each time of its own, the same as often as it is sent.
 */
function nanoseconds(record: TelemetryRecord, id: string): string {
  const place = Number(/\.(\d{1,6})$/.exec(id)?.[1] ?? 0);
  return `${timeOf(record)}${String(place).padStart(6, "0")}`;
}

/** Values are strings. By OpenTelemetry's names, as Loki writes them when it receives OTLP. */
const metadataOf = ({ level, requestId, trace }: LogEntry): Readonly<Record<string, string>> => ({
  ...(level === undefined ? {} : { level: level.toLowerCase() }),
  ...(requestId === undefined ? {} : { faas_invocation_id: requestId }),
  ...(trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.spanId }),
});
