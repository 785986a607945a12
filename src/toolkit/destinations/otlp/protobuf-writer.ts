/** OTLP in protobuf: messages as tables of field numbers, by opentelemetry-proto 1.x. */
import type { AnyValue } from "./model.ts";
import { scopeName, type Writer } from "./signals.ts";

/** How a member is written: its field number and kind. `message` may be repeated, in which case the member is an array. */
type Field =
  | readonly [
      number: number,
      kind: "string" | "hex" | "varint" | "fixed32" | "fixed64" | "double" | "packed fixed64" | "packed double",
    ]
  | readonly [number: number, kind: "message", of: () => Message];
type Message = Readonly<Record<string, Field>>;

const anyValue: Message = {
  stringValue: [1, "string"],
  boolValue: [2, "varint"],
  intValue: [3, "varint"],
  doubleValue: [4, "double"],
  arrayValue: [5, "message", () => ({ values: [1, "message", () => anyValue] })],
  kvlistValue: [6, "message", () => ({ values: [1, "message", () => keyValue] })],
} satisfies Record<KeysOfUnion<AnyValue>, Field>;

type KeysOfUnion<T> = T extends T ? keyof T : never;

const keyValue: Message = { key: [1, "string"], value: [2, "message", () => anyValue] };
const attributes: Field = [1, "message", () => keyValue];

const logRecord: Message = {
  timeUnixNano: [1, "fixed64"],
  severityNumber: [2, "varint"],
  severityText: [3, "string"],
  body: [5, "message", () => anyValue],
  attributes: [6, "message", () => keyValue],
  flags: [8, "fixed32"],
  traceId: [9, "hex"],
  spanId: [10, "hex"],
  observedTimeUnixNano: [11, "fixed64"],
};

const span: Message = {
  traceId: [1, "hex"],
  spanId: [2, "hex"],
  parentSpanId: [4, "hex"],
  name: [5, "string"],
  kind: [6, "varint"],
  startTimeUnixNano: [7, "fixed64"],
  endTimeUnixNano: [8, "fixed64"],
  attributes: [9, "message", () => keyValue],
  events: [
    11,
    "message",
    () => ({ timeUnixNano: [1, "fixed64"], name: [2, "string"], attributes: [3, "message", () => keyValue] }),
  ],
  status: [15, "message", () => ({ message: [2, "string"], code: [3, "varint"] })],
  flags: [16, "fixed32"],
};

const numberPoint: Message = {
  startTimeUnixNano: [2, "fixed64"],
  timeUnixNano: [3, "fixed64"],
  asInt: [6, "fixed64"],
  attributes: [7, "message", () => keyValue],
};

const histogramPoint: Message = {
  startTimeUnixNano: [2, "fixed64"],
  timeUnixNano: [3, "fixed64"],
  count: [4, "fixed64"],
  sum: [5, "double"],
  bucketCounts: [6, "packed fixed64"],
  explicitBounds: [7, "packed double"],
  attributes: [9, "message", () => keyValue],
  min: [11, "double"],
  max: [12, "double"],
};

const metric: Message = {
  name: [1, "string"],
  unit: [3, "string"],
  sum: [
    7,
    "message",
    () => ({
      dataPoints: [1, "message", () => numberPoint],
      aggregationTemporality: [2, "varint"],
      isMonotonic: [3, "varint"],
    }),
  ],
  histogram: [
    9,
    "message",
    () => ({ dataPoints: [1, "message", () => histogramPoint], aggregationTemporality: [2, "varint"] }),
  ],
};

const parts = { logs: logRecord, metrics: metric, traces: span } as const;

export const protobufWriter: Writer = {
  contentType: "application/x-protobuf",
  itemOverheadBytes: 0,
  item: ({ signal, parts: content }) => Buffer.concat(content.map((part) => inField(2, message(parts[signal], part)))),
  // Requests, resources and scopes have the same numbers for all three signals: that is what makes this short.
  request(_, resource, items) {
    const scope = inField(1, message({ name: [1, "string"] }, { name: scopeName }));
    const scoped = inField(2, Buffer.concat([scope, ...items.map((item) => Buffer.from(item))]));
    const from = inField(1, message({ attributes }, { attributes: resource }));
    return inField(1, Buffer.concat([from, scoped]));
  },
};

function message(fields: Message, value: object): Buffer {
  const members = value as Readonly<Record<string, unknown>>;
  const pieces: Buffer[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const member = members[name];
    if (member === undefined) continue;
    if (field[1] === "message") {
      for (const one of Array.isArray(member) ? member : [member])
        pieces.push(inField(field[0], message(field[2](), one as object)));
    } else {
      pieces.push(scalar(field[0], field[1], member));
    }
  }
  return Buffer.concat(pieces);
}

function scalar(number: number, kind: Exclude<Field[1], "message">, value: unknown): Buffer {
  switch (kind) {
    case "string":
      return inField(number, Buffer.from(String(value)));
    case "hex":
      return inField(number, Buffer.from(String(value), "hex"));
    case "varint":
      return Buffer.concat([tag(number, 0), varint(BigInt.asUintN(64, BigInt(value as string | number | boolean)))]);
    case "fixed32":
      return Buffer.concat([tag(number, 5), fixed32(Number(value))]);
    case "fixed64":
      return Buffer.concat([tag(number, 1), fixed64(String(value))]);
    case "double":
      return Buffer.concat([tag(number, 1), double(Number(value))]);
    case "packed fixed64":
      return inField(number, Buffer.concat((value as readonly string[]).map(fixed64)));
    case "packed double":
      return inField(number, Buffer.concat((value as readonly number[]).map(double)));
    default:
      return kind satisfies never;
  }
}

const inField = (number: number, content: Buffer): Buffer =>
  Buffer.concat([tag(number, 2), unsigned(content.length), content]);

const tag = (number: number, wireType: 0 | 1 | 2 | 5): Buffer => unsigned(number * 8 + wireType);

/** Nearly all tags and lengths have one byte: made once. */
const singleBytes = Array.from({ length: 128 }, (_, value) => Buffer.of(value));

const unsigned = (value: number): Buffer => singleBytes[value] ?? varint(BigInt(value));

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

const written = (write: (bytes: Buffer) => void, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};

const fixed32 = (value: number): Buffer => written((bytes) => bytes.writeUInt32LE(value), 4);
const fixed64 = (value: string): Buffer => written((bytes) => bytes.writeBigUInt64LE(BigInt(value)), 8);
const double = (value: number): Buffer => written((bytes) => bytes.writeDoubleLE(value), 8);
