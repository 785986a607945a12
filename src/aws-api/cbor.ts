/** CBOR as `smithy-rpc-v2-cbor` has it: timestamps are tag 1, and doubles are floats even when they are whole. */
import type { Form } from "./shapes.ts";

/** Bytes as plain values, timestamps as dates. @throws Error for what is no CBOR. */
export async function fromCbor(bytes: Uint8Array): Promise<unknown> {
  const { decode } = await import("cborg");
  const tags: ((inner: unknown) => unknown)[] = [];
  tags[1] = (seconds) => new Date(Number(seconds) * 1000);
  return decode(bytes, { tags, allowUndefined: true, coerceUndefinedToNull: true });
}

export async function toCbor(form: Form, value: unknown): Promise<Uint8Array> {
  const { encode, Token, Type } = await import("cborg");
  return encode(marked(form, value), {
    float64: true,
    ignoreUndefinedProperties: true,
    typeEncoders: {
      Object: (item: unknown) => (item instanceof Double ? [new Token(Type.float, item.value)] : null),
      Date: (date: Date) => [new Token(Type.tag, 1), new Token(Type.float, date.getTime() / 1000)],
    },
  });
}

/** Strictly typed clients refuse an integer where the model has a double. */
class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

function marked(form: Form, value: unknown): unknown {
  switch (form.form) {
    case "double":
      return new Double(value as number);
    case "list":
      return (value as readonly unknown[]).map((item) => marked(form.of, item));
    case "map":
      return markedMembers(value, () => form.of);
    case "structure":
      return markedMembers(value, (name) => form.members[name]);
    case "string":
    case "integer":
    case "boolean":
    case "timestamp":
      return value;
    default:
      return form satisfies never;
  }
}

const markedMembers = (value: unknown, formOf: (name: string) => Form | undefined): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, item]) => {
      const form = formOf(name);
      return form === undefined || item === undefined ? [] : [[name, marked(form, item)]];
    }),
  );
