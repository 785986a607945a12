/** Plays cases over a raw socket against whoever an arrangement serves them with. */
import type { Case, Exchange, Expected, Situation } from "./case.ts";
import { exactHeader, openRaw, type RawAnswer, type RawConnection } from "./raw-http.ts";

export interface Arranged {
  /** Where the sandbox API listens on 127.0.0.1. */
  readonly port: number;
  readonly facts: Readonly<Record<string, string>>;
  /** What the caller of the situation's invocation got. */
  callerGot(): Promise<{ readonly kind: string; readonly payload: string | undefined }>;
  close(): Promise<void>;
}

/** Makes a situation true. */
export type Arrange = (situation: Situation) => Promise<Arranged>;

/** Plays a case and lists in what it came out otherwise than it should; empty when all is well. */
export async function play({ given, exchanges, caller }: Case, arrange: Arrange): Promise<readonly Difference[]> {
  const arranged = await arrange(given);
  const connection = await openRaw(arranged.port);
  try {
    const facts: Record<string, string> = { ...arranged.facts };
    const differences: Difference[] = [];
    for (const exchange of exchanges) {
      const answer = await converse(connection, exchange, facts);
      differences.push(...compare(answer, exchange, facts));
      for (const [fact, header] of Object.entries(exchange.keep ?? {})) facts[fact] = exactHeader(answer, header) ?? "";
    }
    if (caller !== undefined) differences.push(...compareCaller(caller, await arranged.callerGot()));
    return differences;
  } finally {
    connection.drop();
    await arranged.close();
  }
}

export interface Difference {
  readonly where: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

type Facts = Readonly<Record<string, string>>;

async function converse(connection: RawConnection, { send }: Exchange, facts: Facts): Promise<RawAnswer> {
  const { method, path, headers = {}, body, framing = "length" } = send;
  const bytes = bytesOf(typeof body === "string" ? fill(body, facts) : (body ?? ""));
  const own: Record<string, string> = { Host: "127.0.0.1", ...headers };
  if (framing === "chunked") own["Transfer-Encoding"] = "chunked";
  else if (method !== "GET") own["Content-Length"] = String(bytes.length);
  if (framing === "continue") own["Expect"] = "100-continue";
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${fill(value, facts)}\r\n`);
  connection.send(`${method} ${fill(path, facts)} HTTP/1.1\r\n${lines.join("")}\r\n`);
  if (framing === "continue") await interim(connection);
  if (framing === "chunked") sendChunks(connection, bytes);
  else if (bytes.length > 0) connection.send(bytes);
  return connection.receive();
}

function sendChunks(connection: RawConnection, bytes: Buffer): void {
  const half = Math.ceil(bytes.length / 2);
  for (const part of [bytes.subarray(0, half), bytes.subarray(half)].filter(({ length }) => length > 0)) {
    connection.send(`${part.length.toString(16)}\r\n`);
    connection.send(part);
    connection.send("\r\n");
  }
  connection.send("0\r\n\r\n");
}

async function interim(connection: RawConnection): Promise<void> {
  const { statusLine } = await connection.receive();
  if (statusLine !== "HTTP/1.1 100 Continue") throw new Error(`expected 100 Continue, got ${statusLine}`);
}

function compare(answer: RawAnswer, { send, expect }: Exchange, facts: Facts): readonly Difference[] {
  const { status, headers = {}, absent = [], body } = expect;
  const where = (what: string): string => `${send.method} ${send.path.slice(0, 80)}: ${what}`;
  const names = new Set(answer.headers.map(([name]) => name.toLowerCase()));
  const length = exactHeader(answer, "Content-Length");
  const all: readonly (Difference | undefined)[] = [
    difference(where("status"), String(status), String(answer.status), facts),
    difference(where("Content-Length"), String(answer.body.length), length, facts),
    ...Object.entries(headers).map(([name, value]) => difference(where(name), value, exactHeader(answer, name), facts)),
    ...absent.map((name) =>
      names.has(name.toLowerCase()) ? { where: where(name), expected: undefined, actual: name } : undefined,
    ),
    body === undefined ? undefined : difference(where("body"), body, answer.body.toString(), facts),
  ];
  return all.filter((one) => one !== undefined);
}

function difference(
  where: string,
  expected: Expected,
  actual: string | undefined,
  facts: Facts,
): Difference | undefined {
  const text = fill(typeof expected === "string" ? expected : expected.pattern, facts);
  const same = typeof expected === "string" ? actual === text : actual !== undefined && new RegExp(text).test(actual);
  return same ? undefined : { where, expected: text, actual };
}

function compareCaller(
  { kind, payload }: NonNullable<Case["caller"]>,
  got: Awaited<ReturnType<Arranged["callerGot"]>>,
): readonly Difference[] {
  const bytes = payload === undefined ? undefined : bytesOf(payload).toString();
  if (kind === got.kind && (bytes === undefined || bytes === got.payload)) return [];
  const short = (text: string | undefined): string | undefined => text?.slice(0, 1000);
  const expected = { kind, payload: short(bytes), length: bytes?.length };
  const actual = { kind: got.kind, payload: short(got.payload), length: got.payload?.length };
  return [{ where: "caller", expected, actual }];
}

/** Fills in `{requestId}` and the like; braces around anything that is no fact are left alone. */
function fill(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}

function bytesOf(body: string | { readonly bytes: number }): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.alloc(body.bytes, "x");
}
