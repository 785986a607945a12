/** OTLP/HTTP as a destination: what records become, and how a request is sent and judged. */
import { type Destination, type Item, type Origin, type SendResult, timeOf } from "../destination.ts";
import type { HttpAnswer, HttpClient } from "../http/http-client.ts";
import { httpAddress } from "../http/http-address.ts";
import { httpPost } from "../http/http-post.ts";
import { excerpt, resultOf, tryLater } from "../http/http-results.ts";
import { misconfigured } from "../misconfigured.ts";
import { logMapper } from "./log-records.ts";
import { metricsOf } from "./metrics.ts";
import { listed, resourceAttributes } from "./resource.ts";
import { jsonWriter } from "./json-writer.ts";
import { partialSuccess } from "./partial-success.ts";
import { protobufWriter } from "./protobuf-writer.ts";
import type { Signal, SignalContent } from "./signals.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { isRecord } from "../../telemetry-records.ts";
import { spanMapper } from "./spans.ts";

/** Over the connections of `client`, which it closes. */
export function otlpDestination(settings: OtlpSettings, client: HttpClient): Destination {
  const { env } = process;
  const endpoint = settings.endpoint ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "http://localhost:4318";
  const wrong = [...Object.entries(settings.endpoints ?? {}), ["endpoint", endpoint] as const]
    .map(([signal, given]) => httpAddress(given, signal).problem)
    .find((problem) => problem !== undefined);
  if (wrong !== undefined) return misconfigured("otlp", wrong);
  const headers = settings.headers ?? listed(env["OTEL_EXPORTER_OTLP_HEADERS"]);
  const signals = new Set<Signal>(settings.signals ?? ["logs", "metrics", "traces"]);
  const writer = settings.encoding === "json" ? jsonWriter : protobufWriter;
  const { post, connections } = httpPost(settings.compression ?? "gzip", client);
  const logOf = logMapper();
  let instance: string | undefined;
  let spansOf: ReturnType<typeof spanMapper> | undefined;
  return {
    name: `otlp ${withoutUser(endpoint)}`,
    limits: {
      maxItems: 10_000,
      maxBytes: settings.maxBytes ?? 1_000_000,
      itemOverheadBytes: writer.itemOverheadBytes,
      requestOverheadBytes: 4096,
    },
    encode(record, origin) {
      spansOf ??= spanMapper(origin.functionName, settings.spans ?? "children");
      if (isRecord(record, "platform.initStart")) instance = record.record.instanceId;
      const timeMs = timeOf(record);
      const log = logOf(record);
      const spans = spansOf(record);
      const contents: readonly SignalContent[] = [
        { signal: "logs", parts: log === undefined ? [] : [log] },
        { signal: "metrics", parts: metricsOf(record) },
        { signal: "traces", parts: spans },
      ];
      return contents.flatMap((content): Item[] => {
        if (content.parts.length === 0 || !signals.has(content.signal)) return [];
        const body = writer.item(content);
        return [{ body, bytes: Buffer.byteLength(body), timeMs, route: content.signal }];
      });
    },
    async send({ items, route, origin, signal }) {
      const body = writer.request(
        route as Signal,
        resource(origin),
        items.map(({ body }) => body),
      );
      const whole = settings.endpoints?.[route as Signal];
      const url = new URL(whole ?? `${endpoint.replace(/\/$/, "")}/v1/${route}`);
      const answer = await post({ url, headers: { "Content-Type": writer.contentType, ...headers }, body, signal });
      return judge(answer, items.length);
    },
    ...connections,
  };

  function resource(origin: Origin) {
    return resourceAttributes(origin, { "faas.instance": instance, ...settings.resource }, env);
  }
}

/** Who asks may be written into an address. */
const withoutUser = (endpoint: string): string => endpoint.replace(/\/\/[^/]*@/, "//");

function judge(answer: HttpAnswer, items: number): SendResult {
  const reason = `status ${answer.status}${excerpt(answer.text)}`;
  if (answer.status === 429 || (answer.status >= 502 && answer.status <= 504)) return tryLater(answer, reason);
  if (answer.status === 200) return partial(answer, items);
  // Not to be retried, says the protocol; whether one record or everything is at fault, the search finds out.
  return answer.status >= 500 ? { kind: "refused", reason } : resultOf(answer);
}

/** How many were rejected is said, which ones is not; they must not be sent again. */
function partial(answer: HttpAnswer, items: number): SendResult {
  const { rejected, reason } = partialSuccess(answer);
  const count = Math.min(items, rejected);
  if (!(count > 0)) return { kind: "delivered" };
  const failed = Array.from({ length: count }, (_, index) => ({ index: items - 1 - index, reason, retry: false }));
  return { kind: "partly", failed };
}
