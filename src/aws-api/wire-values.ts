/** Values of a shape as each protocol writes them. */
import type { Form } from "./shapes.ts";

/** Timestamps are seconds; doubles JSON has no word for are strings. */
export function toJson(form: Form, value: unknown): unknown {
  if (value === undefined) return undefined;
  switch (form.form) {
    case "timestamp":
      return (value as Date).getTime() / 1000;
    case "double":
      return Number.isFinite(value) ? value : `${value as number}`;
    case "list":
      return (value as readonly unknown[]).map((item) => toJson(form.of, item));
    case "map":
      return mapValues(value, () => form.of, toJson);
    case "structure":
      return mapValues(value, (name) => form.members[name], toJson);
    case "string":
    case "integer":
    case "boolean":
      return value;
    default:
      return form satisfies never;
  }
}

function mapValues(
  value: unknown,
  formOf: (name: string) => Form | undefined,
  write: (form: Form, value: unknown) => unknown,
): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const form = formOf(name);
    if (form !== undefined && member !== undefined) written[name] = write(form, member);
  }
  return written;
}

/** The inside of an element of the protocol `query`. */
export function toXml(form: Form, value: unknown): string {
  switch (form.form) {
    case "timestamp":
      return (value as Date).toISOString();
    case "list":
      return (value as readonly unknown[]).map((item) => element("member", toXml(form.of, item))).join("");
    case "map":
      return Object.entries(value as Readonly<Record<string, unknown>>)
        .map(([key, item]) => element("entry", element("key", escaped(key)) + element("value", toXml(form.of, item))))
        .join("");
    case "structure":
      return Object.entries(form.members)
        .flatMap(([name, member]) => {
          const item = (value as Readonly<Record<string, unknown>>)[name];
          return item === undefined ? [] : [element(name, toXml(member, item))];
        })
        .join("");
    case "string":
    case "integer":
    case "double":
    case "boolean":
      return escaped(String(value));
    default:
      return form satisfies never;
  }
}

export const element = (name: string, inside: string): string => `<${name}>${inside}</${name}>`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const unwritable = /(?![\t\n\r])\p{Cc}/gu;

/** XML 1.0 has no way to write most control characters at all; they become U+FFFD. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign).replace(unwritable, "\uFFFD");
