/** From JSON to the members of the model: unknown ones are left out, a wrong JSON type is an error (SVC-12, SVC-13). */
import { refusal, type Refusal } from "../refusal.ts";
import type { MemberShapes, Shape } from "./shape.ts";

/** @throws Refusal SerializationException */
export function readStructure(members: MemberShapes, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw mistyped(value, "a structure");
  const read: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(members)) {
    const member = value[name];
    if (member !== undefined && member !== null) read[name] = readValue(shape, member);
  }
  return read;
}

function readValue(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "text":
    case "blob":
      return typed(value, typeof value === "string", "a String");
    case "integer":
      return typed(value, Number.isSafeInteger(value), "an Integer");
    case "number":
      return typed(value, typeof value === "number", "a Double");
    case "boolean":
      return typed(value, typeof value === "boolean", "a Boolean");
    case "list":
      if (!Array.isArray(value)) throw mistyped(value, "a list");
      return value.map((entry: unknown) => readValue(shape.of, entry));
    case "map":
      if (!isObject(value)) throw mistyped(value, "a map");
      return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, readValue(shape.value, entry)]));
    case "structure":
      return readStructure(shape.members, value);
    default:
      return shape satisfies never;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function typed(value: unknown, right: boolean, what: string): unknown {
  if (!right) throw mistyped(value, what);
  return value;
}

const mistyped = (value: unknown, what: string): Refusal =>
  refusal("SerializationException", `${jsonType(value)} can not be converted to ${what}`);

function jsonType(value: unknown): string {
  if (value === null) return "NULL_VALUE";
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "object") return "START_OBJECT";
  if (typeof value === "number") return Number.isInteger(value) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
  return typeof value === "boolean" ? `${String(value).toUpperCase()}_VALUE` : "STRING_VALUE";
}
