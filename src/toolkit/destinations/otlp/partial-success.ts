/** What an OTLP receiver says of records it did not take although it answered with success. */
import type { HttpAnswer } from "../http/http-client.ts";

export interface PartialSuccess {
  readonly rejected: number;
  readonly reason: string;
}

const nothing: PartialSuccess = { rejected: 0, reason: "" };

/** In either encoding; an answer that cannot be read says nothing. */
export function partialSuccess({ headers, body, text }: HttpAnswer): PartialSuccess {
  try {
    const said = String(headers["content-type"]).includes("json") ? inJson(text) : inProtobuf(body);
    return { ...said, reason: said.reason === "" ? "rejected by the receiver" : said.reason };
  } catch {
    return nothing;
  }
}

function inJson(text: string): PartialSuccess {
  const { partialSuccess = {} } = (text === "" ? {} : JSON.parse(text)) as {
    readonly partialSuccess?: Readonly<Record<string, string | number>>;
  };
  const [, rejected = 0] = Object.entries(partialSuccess).find(([name]) => name.startsWith("rejected")) ?? [];
  return { rejected: Number(rejected), reason: String(partialSuccess["errorMessage"] ?? "") };
}

/** Field 1 of the answer is a message: 1 how many, 2 why. */
function inProtobuf(body: Buffer): PartialSuccess {
  const found = fieldsIn(fieldsIn(body).bytes ?? Buffer.alloc(0));
  return { rejected: found.number ?? 0, reason: found.bytes?.toString("utf8") ?? "" };
}

/** The last number and the last bytes of a message that has no more than one of each. */
function fieldsIn(message: Buffer): { readonly number?: number; readonly bytes?: Buffer } {
  let found: { readonly number?: number; readonly bytes?: Buffer } = {};
  for (let at = 0; at < message.length;) {
    const wireType = message.readUInt8(at) & 7;
    const { value, end } = varint(message, at + 1);
    const bytes = wireType === 2;
    found = bytes ? { ...found, bytes: message.subarray(end, end + value) } : { ...found, number: value };
    at = bytes ? end + value : end;
  }
  return found;
}

function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let at = from;
  for (let shift = 1; ; shift *= 128, at += 1) {
    const byte = bytes.readUInt8(at);
    value += (byte & 127) * shift;
    if (byte < 128) return { value, end: at + 1 };
  }
}
