/** Events to Splunk's HTTP Event Collector: `import … from "lambdarium/extension/destinations/splunk-hec"`. */
import { type Destination, type Origin, textItem } from "./destination.ts";
import type { Compression } from "./http/compress.ts";
import { httpAddress } from "./http/http-address.ts";
import { httpPost } from "./http/http-post.ts";
import { type Secret, secretUse } from "./http/secret.ts";
import { logEntries, type LogEntry } from "./log-entry.ts";
import { misconfigured } from "./misconfigured.ts";
import { acknowledgements } from "./splunk/acknowledgements.ts";
import { judgeHec } from "./splunk/hec-results.ts";

export interface SplunkHecSettings {
  /** With or without `/services/collector/event`; default `SPLUNK_HEC_URL`. */
  readonly url?: string | URL | undefined;
  /** Default `SPLUNK_HEC_TOKEN`. */
  readonly token?: Secret | undefined;
  /** Default the token's. */
  readonly index?: string;
  /** Default `lambda:` and the function's name. */
  readonly source?: string;
  /** Default `aws:lambda`. */
  readonly sourcetype?: string;
  /** Default the function's name. */
  readonly host?: string;
  /** Indexed with every event. */
  readonly fields?: Readonly<Record<string, string>>;
  /**
   * Waits until Splunk has indexed what it took, for tokens with indexer acknowledgement. Costs seconds: use a strategy
   * that does not hold the invocation. Default false.
   */
  readonly acknowledgement?: boolean;
  /** Of one request before compression; default 1,000,000. */
  readonly maxBytes?: number;
  /** Default `gzip`. */
  readonly compression?: Compression;
}

/**
 * JSON events, one after the other. What is wrong is said by a code in the answer: a busy or unhealthy server is tried
 * again, from the event at which it stopped; an event it cannot read is dropped; wrong tokens, indexes and channels keep
 * everything in the spool.
 */
export function splunkHec(settings: SplunkHecSettings = {}): Destination {
  const { env } = process;
  const address = settings.url ?? env["SPLUNK_HEC_URL"];
  const { url: server, problem } = httpAddress(address, "url", "no address: set SPLUNK_HEC_URL, or url");
  if (server === undefined) return misconfigured("splunk-hec", problem);
  const url = collector(server);
  const token = secretUse(settings.token ?? env["SPLUNK_HEC_TOKEN"], "no token: set SPLUNK_HEC_TOKEN, or token");
  if (token.problem !== undefined) return misconfigured(`splunk-hec ${url.host}`, token.problem);
  const { post, connections } = httpPost(settings.compression ?? "gzip");
  const indexed = settings.acknowledgement === true ? acknowledgements(post) : undefined;
  const entryOf = logEntries();
  return {
    name: `splunk-hec ${url.host}`,
    limits: { maxItems: 10_000, maxBytes: settings.maxBytes ?? 1_000_000, itemOverheadBytes: 1 },
    encode(record, origin) {
      const entry = entryOf(record);
      // A blank event is refused with its whole request (code 13).
      if (entry === undefined || entry.text.trim() === "") return [];
      return [textItem(JSON.stringify(eventOf(entry, record.record, origin, settings)), entry.timeMs)];
    },
    async send({ items, signal }) {
      return token.sendWith(async (secret) => {
        const headers = { "Content-Type": "application/json", Authorization: `Splunk ${secret}` };
        const body = items.map((item) => String(item.body)).join("\n");
        if (indexed !== undefined) return indexed.send({ url, headers, body, signal });
        return judgeHec(await post({ url, headers, body, signal }), items.length);
      });
    },
    ...connections,
  };
}

const collector = (url: URL): URL => (url.pathname === "/" ? new URL("/services/collector/event", url) : url);

function eventOf(entry: LogEntry, record: unknown, origin: Origin, settings: SplunkHecSettings): object {
  const { text, timeMs, level, requestId, trace, type, members, isPlatform } = entry;
  const { functionName, functionVersion, region, accountId } = origin;
  const { index, source, sourcetype, host, fields } = settings;
  return {
    // Seconds, with a fraction.
    time: timeMs / 1000,
    host: host ?? functionName,
    source: source ?? `lambda:${functionName}`,
    sourcetype: sourcetype ?? "aws:lambda",
    ...(index === undefined ? {} : { index }),
    event: isPlatform ? { type, message: text, record: members } : typeof record === "string" ? text : record,
    fields: {
      "service.name": functionName,
      "faas.name": functionName,
      "faas.version": functionVersion,
      ...(region === "" ? {} : { "cloud.region": region }),
      ...(accountId === undefined ? {} : { "cloud.account.id": accountId }),
      ...(requestId === undefined ? {} : { "faas.invocation_id": requestId }),
      ...(trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.spanId }),
      ...(level === undefined ? {} : { severity: level }),
      ...fields,
    },
  };
}
