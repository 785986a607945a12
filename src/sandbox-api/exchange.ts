/** An HTTP exchange as values, so that reading a request and writing an answer are plain functions. */

/** The request line and headers; header names in lower case, as node:http hands them over. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Headers are a flat list of names and values, in the spelling they are sent in; `Content-Length` is among them. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** A header's text, or `undefined` when it is missing or empty: Lambda makes no difference between the two. */
export function headerOf(head: RequestHead, name: string): string | undefined {
  const value = head.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** As `headerOf`, for texts that people write: header bytes are UTF-8 (EXT-05), which node:http reads as Latin-1. */
export function textHeaderOf(head: RequestHead, name: string): string | undefined {
  const value = headerOf(head, name);
  return value === undefined || !beyondAscii.test(value) ? value : Buffer.from(value, "latin1").toString("utf8");
}

/**
 * A text as it may stand in a header: UTF-8 bytes in node:http's Latin-1 clothes, and a blank for each control
 * character, since a line break in a client context must not begin a new header.
 */
export function headerText(text: string): string {
  if (!beyondPrintable.test(text)) return text;
  return Buffer.from(text.replace(controls, " "), "utf8").toString("latin1");
}

const beyondAscii = /[\u0080-\u00ff]/;
const beyondPrintable = /[^\t\u0020-\u007e]/;
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
