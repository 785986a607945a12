/** Records by HTTP POST, to whatever takes JSON: `import … from "lambdarium/extension/destinations/webhook"`. */
import type { Buffer as Bytes } from "node:buffer";
import { type Destination, type Item, textItem, timeOf } from "./destination.ts";
import type { Compression } from "./http/compress.ts";
import { httpAddress } from "./http/http-address.ts";
import { httpPost } from "./http/http-post.ts";
import { resultOf } from "./http/http-results.ts";
import { misconfigured } from "./misconfigured.ts";

export interface WebhookSettings {
  /** Of http or https. Undefined, as where a variable is not set, is told of in Init. */
  readonly url: string | URL | undefined;
  /** Default `POST`. */
  readonly method?: "POST" | "PUT";
  /** Added to each request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `json`: one array; `ndjson`: one object a line. Default `json`. */
  readonly format?: "json" | "ndjson";
  /** Signs each body: `X-Signature-256: sha256=` and the HMAC in hexadecimal, of what is sent, compressed or not. */
  readonly secret?: string | undefined;
  /** Default `none`: not every receiver unpacks. */
  readonly compression?: Compression;
  /** Of one request before compression; default 1,000,000. */
  readonly maxBytes?: number;
  /** Of one request; default 1000. */
  readonly maxRecords?: number;
}

/**
 * A webhook. 2xx means taken; 408, 425, 429 and 5xx are tried again, after `Retry-After` where it is given; 413 halves the
 * request; 400 and 422 look for the record at fault; any other answer keeps everything in the spool.
 * `Idempotency-Key` is the same whenever the same records are sent again.
 */
export function webhook(settings: WebhookSettings): Destination {
  const { url, problem } = httpAddress(settings.url, "url");
  if (url === undefined) return misconfigured("webhook", problem);
  const { post, connections } = httpPost(settings.compression ?? "none");
  const lines = settings.format === "ndjson";
  return {
    name: `webhook ${url.origin}${url.pathname}`,
    limits: {
      maxItems: settings.maxRecords ?? 1000,
      maxBytes: settings.maxBytes ?? 1_000_000,
      itemOverheadBytes: 1,
      requestOverheadBytes: lines ? 0 : 1,
    },
    encode: (record) => [textItem(JSON.stringify(record), timeOf(record))],
    async send({ items, signal }) {
      const plain = Buffer.from(lines ? ndjson(items) : `[${items.map(({ body }) => body).join(",")}]`);
      const answer = await post({
        method: settings.method ?? "POST",
        url,
        headers: { "Content-Type": lines ? "application/x-ndjson" : "application/json" },
        body: plain,
        signal,
        sign: async (headers, body) => ({
          ...headers,
          ...(await signatures(plain, body, settings.secret)),
          ...settings.headers,
        }),
      });
      return resultOf(answer);
    },
    ...connections,
  };
}

const ndjson = (items: readonly Item[]): string => items.map(({ body }) => `${String(body)}\n`).join("");

async function signatures(plain: Bytes, body: Bytes, secret: string | undefined): Promise<Record<string, string>> {
  const { createHash, createHmac } = await import("node:crypto");
  const key = { "Idempotency-Key": createHash("sha256").update(plain).digest("hex") };
  if (secret === undefined) return key;
  return { ...key, "X-Signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}
