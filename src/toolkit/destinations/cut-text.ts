/** Texts that a destination would refuse for their length, cut rather than lost. */

const cutMark = "…[cut]";

/** At most so many bytes of UTF-8. Cut at a character, never inside one. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const room = maxBytes - Buffer.byteLength(cutMark);
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room));
  return text.slice(0, read) + cutMark;
}
