/** Smaller bodies, at a price: an environment of 128 MB has a fourteenth of a processor. */
import { promisify } from "node:util";

export type Compression = "gzip" | "none";

/** Below that a compressed body is hardly smaller, and the header costs what is saved. */
const leastBytes = 1024;

/** The body to send, and the header that goes with it. Level 1: nine tenths of the effect for a third of the time. */
export async function compressed(
  body: Buffer,
  compression: Compression,
): Promise<{ readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }> {
  if (compression === "none" || body.length < leastBytes) return { body, headers: {} };
  const { gzip } = await import("node:zlib");
  return { body: await promisify(gzip)(body, { level: 1 }), headers: { "Content-Encoding": "gzip" } };
}
