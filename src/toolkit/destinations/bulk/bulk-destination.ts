/** Documents by the bulk API that Elasticsearch and OpenSearch share. */
import { type Destination, type Item, type Origin, type SendResult, textItem } from "../destination.ts";
import type { Compression } from "../http/compress.ts";
import { httpPost, type Post } from "../http/http-post.ts";
import { logEntries } from "../log-entry.ts";
import { bulkResult, type FailedDocument } from "./bulk-results.ts";
import { ecsDocument, type EcsDocument, plainDocument } from "./ecs-document.ts";

export interface BulkSettings {
  /** An index, alias or data stream; default `logs-aws.lambda-default`. */
  readonly index?: string | ((origin: Origin) => string);
  /** Members of every document. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Of one request before compression; default 5,000,000. */
  readonly maxBytes?: number;
  /** Default `gzip`. */
  readonly compression?: Compression;
}

/** How a request is let in. */
export type BulkAccess = (
  origin: Origin,
  send: (with_: Pick<Post, "headers" | "sign">) => Promise<SendResult>,
) => Promise<SendResult>;

interface BulkServer {
  readonly name: string;
  readonly url: URL;
  readonly access: BulkAccess;
  /** Ids of our own, by which a document that is sent twice is known. */
  readonly ids: boolean;
}

const maxItems = 1000;
/** Of each document a status and, if it failed, a reason. */
const maxAnswerBytes = maxItems * 4096;
/** Nothing else of the answer is of use, and it is long. */
const wanted = "errors,items.*.status,items.*.error.type,items.*.error.reason";

export function bulkDestination({ name, url, access, ids }: BulkServer, settings: BulkSettings): Destination {
  const { post, connections } = httpPost(settings.compression ?? "gzip");
  const entryOf = logEntries();
  return {
    name: `${name} ${url.host}`,
    limits: { maxItems, maxBytes: settings.maxBytes ?? 5_000_000 },
    encode(record, origin, id) {
      const entry = entryOf(record);
      if (entry === undefined) return [];
      const action = {
        _index: indexOf(settings, origin),
        ...(ids ? { _id: id } : {}),
      };
      const document = ecsDocument(entry, origin, settings.fields);
      return [textItem(`${JSON.stringify({ create: action })}\n${JSON.stringify(document)}\n`, entry.timeMs)];
    },
    async send({ items, origin, signal }) {
      const bulk = new URL(`${url.pathname.replace(/\/$/, "")}/_bulk?filter_path=${wanted}`, url);
      return access(origin, async ({ headers: given, ...signing }) => {
        const headers = { "Content-Type": "application/x-ndjson", ...given };
        const ask = async (bodies: readonly string[]) =>
          bulkResult(await post({ url: bulk, headers, body: bodies.join(""), signal, maxAnswerBytes, ...signing }));
        const result = await ask(items.map(({ body }) => String(body)));
        return result.kind === "partly" ? asText(items, result.failed, ask) : result;
      });
    },
    ...connections,
  };
}

const indexOf = ({ index = "logs-aws.lambda-default" }: BulkSettings, origin: Origin): string =>
  typeof index === "string" ? index : index(origin);

/** An index maps a member to one kind of value. A document that has another one there is kept with the members as text. */
async function asText(
  items: readonly Item[],
  failed: readonly FailedDocument[],
  ask: (bodies: readonly string[]) => Promise<ReturnType<typeof bulkResult>>,
): Promise<SendResult> {
  const plain = failed.flatMap((one) => {
    const body = one.unreadable ? plainBody(items[one.index]) : undefined;
    return body === undefined ? [] : [{ one, body }];
  });
  if (plain.length === 0) return { kind: "partly", failed };
  const others = failed.filter((one) => !plain.some((each) => each.one === one));
  const again = await ask(plain.map(({ body }) => body));
  switch (again.kind) {
    case "delivered":
      return others.length === 0 ? again : { kind: "partly", failed: others };
    case "partly":
      return {
        kind: "partly",
        failed: [...others, ...again.failed.map((one) => ({ ...one, index: plain[one.index]!.one.index }))],
      };
    default:
      // Whatever keeps it from being taken now, the next attempt finds out.
      return { kind: "partly", failed: [...others, ...plain.map(({ one }) => ({ ...one, retry: true }))] };
  }
}

function plainBody(item: Item | undefined): string | undefined {
  const [action, text] = String(item?.body ?? "").split("\n");
  const document = text === undefined || text === "" ? undefined : plainDocument(JSON.parse(text) as EcsDocument);
  return document === undefined ? undefined : `${action}\n${JSON.stringify(document)}\n`;
}
