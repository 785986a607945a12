/** What a back end is to a fake destination: how its requests read, and how it answers, as pure functions over values. */

/** A request, its body unpacked. */
export interface WireRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type Reading<Taken> =
  /** `answer` says which of them, by their place, are not taken; a back end that takes all or nothing answers so. */
  | {
      readonly kind: "records";
      readonly records: readonly Taken[];
      readonly answer: (rejected: ReadonlySet<number>) => WireAnswer;
    }
  /** A call without records, such as one that makes a stream. */
  | { readonly kind: "call"; readonly answer: WireAnswer }
  /** What the back end would refuse, and why, in words for the developer. */
  | { readonly kind: "unreadable"; readonly why: string; readonly answer: WireAnswer };

export interface WireFormat<Taken = unknown> {
  /** What leads clients of this back end to `url`; keys open nothing. */
  readonly variables: (url: string) => Readonly<Record<string, string>>;
  /** Records of one request. May throw for a body that is not what it should be: then the request is unreadable. */
  readonly read: (request: WireRequest) => Reading<Taken>;
  /** A failure as this back end words it. */
  readonly failure: (status: number, why: string, request: WireRequest) => WireAnswer;
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});

/** A value of JSON, or the text where it is none. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Lines that are not empty, each a value of JSON or a text. */
export const linesOf = (text: string): readonly unknown[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => jsonOrText(line));

/** An array as its elements, anything else by itself. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);
