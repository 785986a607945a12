/** Addresses from which code can be downloaded for a while, by whoever was given one (SVC-38). */
import { createHmac } from "node:crypto";
import type { CodeReference } from "../state/records.ts";

export const codeLinkPath = "/_local/code/";
/** SVC-38 */
export const linkValidMs = 600_000;

export class CodeLinks {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** Path and query. */
  linkTo(code: CodeReference, nowMs: number): string {
    const place = code.kind === "live" ? `live-${base64url(code.directory)}` : `zip-${base64url(code.sha256)}`;
    const until = Math.ceil(nowMs + linkValidMs);
    return `${codeLinkPath}${place}?until=${until}&signature=${this.#sign(place, until)}`;
  }

  /** What the link leads to; nothing when it is none of ours or over. */
  follow(
    path: string,
    query: URLSearchParams,
    nowMs: number,
  ): { readonly sha256: string } | { readonly directory: string } | undefined {
    const place = path.slice(codeLinkPath.length);
    const until = Number(query.get("until"));
    if (query.get("signature") !== this.#sign(place, until) || nowMs > until) return undefined;
    const name = Buffer.from(place.replace(/^\w+-/, ""), "base64url").toString();
    return place.startsWith("live-") ? { directory: name } : { sha256: name };
  }

  #sign(place: string, until: number): string {
    return createHmac("sha256", this.#secret).update(`${place} ${until}`).digest("base64url");
  }
}

const base64url = (text: string): string => Buffer.from(text).toString("base64url");
