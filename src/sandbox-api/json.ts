/** JSON as the platform writes it. */

/** Compact JSON in which `<`, `>` and `&` are escaped, as Go's encoder does (RT-05). */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return special.test(text) ? text.replace(specials, escaped) : text;
}

/** A JSON object, or `undefined` for anything else, `null` and lists included. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

const special = /[<>&]/;
const specials = /[<>&]/g;
const escaped = (character: string): string =>
  character === "<" ? "\\u003c" : character === ">" ? "\\u003e" : "\\u0026";
