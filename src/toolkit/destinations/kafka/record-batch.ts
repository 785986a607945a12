/** Records as Kafka stores them: a record batch, version 2 (KIP-98), of one partition. */
import { promisify } from "node:util";
import { crc32c } from "./crc32c.ts";
import { WireWriter } from "./wire-writer.ts";

/** Who writes, so that the broker leaves out a batch that comes again. */
export interface BatchIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly baseSequence: number;
}

/** A record but for what its place in the batch decides. */
export interface EncodedRecord {
  readonly body: string | Buffer;
  readonly timeMs: number;
}

/** What a batch costs beside its records. */
export const batchOverheadBytes = 61;
/** What a record costs beside its body at most: length, attributes, and two differences. */
export const recordOverheadBytes = 5 + 1 + 7 + 3;

/** Key, value and headers of a record, which no place changes. */
export function recordBody(
  key: string | undefined,
  value: string,
  headers: readonly (readonly [name: string, value: string])[],
): Buffer {
  const writer = new WireWriter().varBytes(key).varBytes(value).varint(headers.length);
  for (const [name, text] of headers) writer.varBytes(name).varBytes(text);
  return writer.finish();
}

const gzipped = 1;
/** Below that a compressed batch is hardly smaller. */
const leastBytes = 1024;

export async function recordBatch(
  records: readonly EncodedRecord[],
  { producerId, epoch, baseSequence }: BatchIdentity,
  compression: "gzip" | "none",
): Promise<Buffer> {
  const first = records[0]?.timeMs ?? 0;
  const latest = records.reduce((most, { timeMs }) => Math.max(most, timeMs), first);
  const plain = written(records, first);
  const smaller = compression === "gzip" && plain.length >= leastBytes;
  const content = smaller ? await gzip(plain) : plain;
  const checked = new WireWriter()
    .int16(smaller ? gzipped : 0)
    .int32(records.length - 1)
    .int64(BigInt(first))
    .int64(BigInt(latest))
    .int64(producerId)
    .int16(epoch)
    .int32(baseSequence)
    .int32(records.length)
    .raw(content)
    .finish();
  const checksum = Buffer.allocUnsafe(4);
  checksum.writeUInt32BE(crc32c(checked));
  const beforeChecked = 4 + 1 + 4;
  return new WireWriter()
    .int64(0n)
    .int32(beforeChecked + checked.length)
    .int32(-1)
    .int8(2)
    .raw(checksum)
    .raw(checked)
    .finish();
}

function written(records: readonly EncodedRecord[], first: number): Buffer {
  const writer = new WireWriter();
  for (const [at, { body, timeMs }] of records.entries()) {
    const head = new WireWriter()
      .int8(0)
      .varint(timeMs - first)
      .varint(at)
      .finish();
    writer
      .varint(head.length + body.length)
      .raw(head)
      .raw(body as Buffer);
  }
  return writer.finish();
}

async function gzip(plain: Buffer): Promise<Buffer> {
  const zlib = await import("node:zlib");
  // As for HTTP: nine tenths of the effect for a third of the time.
  return await promisify(zlib.gzip)(plain, { level: 1 });
}
