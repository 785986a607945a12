/** What a function sends to its X-Ray daemon by UDP (OBS-79, OBS-80). */

const lineFeed = 0x0a;

/** The segment document of a datagram, unchecked; nothing for one that is to be dropped without a word (OBS-80). */
export function readDatagram(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(lineFeed);
  if (end < 0 || !isHeader(textOf(bytes.subarray(0, end)))) return undefined;
  const document = textOf(bytes.subarray(end + 1)).trim();
  return document === "" ? undefined : document;
}

/** The same the other way, for a daemon of AWS's. */
export const daemonDatagram = (document: string): Buffer => Buffer.from(`{"format":"json","version":1}\n${document}`);

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

function isHeader(text: string): boolean {
  try {
    const { format, version } = (JSON.parse(text) ?? {}) as { format?: unknown; version?: unknown };
    return typeof format === "string" && format.toLowerCase() === "json" && version === 1;
  } catch {
    return false;
  }
}
