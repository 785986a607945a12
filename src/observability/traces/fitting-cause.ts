/** A runtime's cause may be as long as a whole document: what of it fits is kept (OBS-77, RT-74). */
import { maxDocumentBytes, type SegmentDocument } from "./segment-document.ts";

/** How much is left of every list; the last step leaves the message alone. */
const shares = [1, 0.5, 0.25, 0.1, 0.03, 0];

/** The document with as much of the cause as fits; nothing when not even its message does. */
export function fittingCause(text: string, place: (cause: unknown) => SegmentDocument): SegmentDocument | undefined {
  const cause: unknown = JSON.parse(text);
  for (const share of shares) {
    const document = place(share === 1 ? cause : shortened(cause, share));
    if (Buffer.byteLength(JSON.stringify(document)) <= maxDocumentBytes) return document;
  }
  return undefined;
}

function shortened(value: unknown, share: number): unknown {
  if (Array.isArray(value))
    return value.slice(0, Math.ceil(value.length * share)).map((item) => shortened(item, share));
  if (typeof value === "string") return value.slice(0, 4096);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortened(member, share)]));
}
