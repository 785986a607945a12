/** JSON values as they were read, and how faults speak of them (TEL-46 to TEL-53). */

/** Why a body could not be read; `message` ends with the position. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

export type JsonValue =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "array" }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, JsonValue>; readonly repeated: readonly string[] };

/** A value as a fault about its type names it. */
export function described(value: JsonValue): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "boolean":
      return `boolean \`${value.text}\``;
    case "number":
      return /^-?[0-9]+$/.test(value.text) ? `integer \`${value.text}\`` : `floating point \`${value.text}\``;
    case "string":
      return `string ${JSON.stringify(value.text)}`;
    case "array":
      return "sequence";
    case "object":
      return "map";
    default:
      return value satisfies never;
  }
}

/** TEL-47, TEL-52, TEL-53: one, two and more possibilities are worded differently. */
export function unknownVariant(text: string, names: readonly string[]): string {
  const [first, second] = names;
  const all = names.map((name) => `\`${name}\``).join(", ");
  const expected =
    names.length === 1 ? `\`${first}\`` : names.length === 2 ? `\`${first}\` or \`${second}\`` : `one of ${all}`;
  return `unknown variant \`${text}\`, expected ${expected}`;
}
