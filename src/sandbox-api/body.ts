/** Request bodies with a limit: collected, or passed on as they come. */
import type { BodyEnd } from "./conversation.ts";

export type Collected =
  | { readonly kind: "complete"; readonly body: Uint8Array; readonly bytes: number }
  | { readonly kind: "too large"; readonly bytes: number }
  | { readonly kind: "truncated"; readonly bytes: number };

/** Hands over chunks until the body ends; what `Conversation.read` does. */
export type ReadBody = (take: (chunk: Uint8Array) => Promise<void> | undefined) => Promise<BodyEnd>;

/** Bytes of bodies collected at this moment on all connections, for calls that nobody has allowed yet. */
export interface BodyBudget {
  heldBytes: number;
}

/** So many bodies at the limit of RT-42 at once no sandbox sends in good faith; a flood stops here (LIFE-126). */
const maxHeldBytes = 67_108_864;

/** Keeps a body of at most `maxBytes`; a longer one is read to its end and dropped (RT-43, RT-45). */
export async function collect(read: ReadBody, maxBytes: number, budget?: BodyBudget): Promise<Collected> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let kept = 0;
  let overflow = false;
  const end = await read((chunk) => {
    bytes += chunk.byteLength;
    overflow ||= bytes > maxBytes || (budget !== undefined && budget.heldBytes + chunk.byteLength > maxHeldBytes);
    if (overflow) {
      chunks = [];
      if (budget !== undefined) budget.heldBytes -= kept;
      kept = 0;
      return undefined;
    }
    chunks.push(chunk);
    kept += chunk.byteLength;
    if (budget !== undefined) budget.heldBytes += chunk.byteLength;
    return undefined;
  });
  if (budget !== undefined) budget.heldBytes -= kept;
  if (overflow) return { kind: "too large", bytes };
  if (end === "truncated") return { kind: "truncated", bytes };
  const [only = new Uint8Array(0)] = chunks;
  return { kind: "complete", body: chunks.length > 1 ? Buffer.concat(chunks, bytes) : only, bytes };
}

/** Passes a body on; beyond `maxBytes` one byte more, so that the receiver can tell, and nothing else (RT-54). */
export async function passOn(
  read: ReadBody,
  maxBytes: number,
  receive: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<{ readonly end: BodyEnd; readonly bytes: number }> {
  let bytes = 0;
  const end = await read((chunk) => {
    const room = maxBytes + 1 - bytes;
    bytes += chunk.byteLength;
    if (room <= 0) return undefined;
    return receive(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
  });
  return { end, bytes };
}
