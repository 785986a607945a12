/** Tokens of pages: they say where the next page begins, and are good for the same question only. */
import { createHash } from "node:crypto";

export const writeToken = (query: object, place: unknown): string =>
  Buffer.from(JSON.stringify({ question: fingerprint(query), place })).toString("base64url");

/** The place in `token`, `first` when there is none; nothing when it is no token of ours, or another question's. */
export function readToken<Place>(token: string | undefined, query: object, first: Place): Place | undefined {
  if (token === undefined) return first;
  try {
    const read = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as { question: unknown; place: Place };
    return read.question === fingerprint(query) ? read.place : undefined;
  } catch {
    return undefined;
  }
}

const fingerprint = (query: object): string =>
  createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 12);
