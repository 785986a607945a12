/** An HTTP request as a value, its body unpacked. */
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import * as zlib from "node:zlib";
import type { WireRequest } from "./wire-format.ts";

/** Nothing when the client went away before its end. */
export async function readRequest(
  request: IncomingMessage,
): Promise<WireRequest | { readonly why: string } | undefined> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const sent = await buffer(request).catch(() => undefined);
  if (sent === undefined) return undefined;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const body = unpack(sent, headers["content-encoding"] ?? "");
  if (typeof body === "string") return { why: body };
  return { method: request.method ?? "", path: url.pathname, query: url.searchParams, headers, body };
}

/** Node.js has zstd since 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer };

const unpackers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  ...(zstdDecompressSync === undefined ? {} : { zstd: zstdDecompressSync }),
};

/** The bytes, or why there are none. */
function unpack(sent: Buffer, encodings: string): Buffer | string {
  let bytes = sent;
  const named = encodings.split(",").map((name) => name.trim().toLowerCase());
  // `aws-chunked` is no packing: who takes objects reads it.
  for (const name of named
    .filter((name) => name !== "" && name !== "identity" && name !== "aws-chunked")
    .toReversed()) {
    const unpackOne = unpackers[name];
    if (unpackOne === undefined)
      return `the content encoding ${name} is not known here (Node.js ${process.versions.node})`;
    try {
      bytes = unpackOne(bytes);
    } catch (error) {
      return `the body is not ${name}: ${(error as Error).message}`;
    }
  }
  return bytes;
}
