/** Values as a protocol decoded them, made to conform to a shape, with AWS's words for every constraint that is not met. */
import type { Form, Shape } from "./shapes.ts";

export type Conformed<Value> =
  | { readonly value: Value }
  /** What a `ValidationError` says of it. */
  | { readonly problem: string };

/** Members the shape does not have are left out, as AWS does. */
export function conform<Value>(shape: Shape<Value>, raw: unknown): Conformed<Value> {
  const problems: string[] = [];
  const value = read(shape, raw, "", problems);
  if (problems.length === 0) return { value: value as Value };
  const detected = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected: `;
  return { problem: detected + problems.join("; ") };
}

function read(form: Form, raw: unknown, path: string, problems: string[]): unknown {
  switch (form.form) {
    case "string":
      return text(form, raw, path, problems);
    case "integer":
    case "double":
      return number(form, raw, path, problems);
    case "boolean":
      return raw === true || raw === "true" || (raw !== false && raw !== "false" && wrong(raw, path, problems));
    case "timestamp":
      return moment(raw, path, problems);
    case "list":
      return items(form, raw, path, problems);
    case "map":
      return entries(form, raw, path, problems);
    case "structure":
      return members(form, raw, path, problems);
    default:
      return form satisfies never;
  }
}

function text(form: Form & { form: "string" }, raw: unknown, path: string, problems: string[]): unknown {
  if (typeof raw !== "string") return wrong(raw, path, problems);
  if (form.values !== undefined && !form.values.includes(raw))
    unmet(raw, path, `Member must satisfy enum value set: [${form.values.join(", ")}]`, problems);
  if (form.pattern !== undefined && !new RegExp(`^(?:${form.pattern})$`).test(raw))
    unmet(raw, path, `Member must satisfy regular expression pattern: ${form.pattern}`, problems);
  bounds(form, raw.length, raw, path, "Member must have length", problems);
  return raw;
}

function number(form: Form & { form: "integer" | "double" }, raw: unknown, path: string, problems: string[]): unknown {
  const value = typeof raw === "string" && raw.trim() !== "" ? named(raw) : raw;
  if (typeof value !== "number" || (form.form === "integer" && !Number.isInteger(value)))
    return wrong(raw, path, problems);
  bounds(form, value, value, path, "Member must have value", problems);
  return value;
}

/** JSON has no words of its own for these: AWS writes them as strings. */
const named = (text: string): number =>
  text === "NaN" ? Number.NaN : Number.isNaN(Number(text)) ? Number.NEGATIVE_INFINITY : Number(text);

/** Seconds since the epoch, or ISO 8601: clients of every protocol send one or the other. */
function moment(raw: unknown, path: string, problems: string[]): unknown {
  const date =
    raw instanceof Date
      ? raw
      : typeof raw === "number"
        ? new Date(raw * 1000)
        : new Date(typeof raw === "string" ? (/^\d+(\.\d+)?$/.test(raw) ? Number(raw) * 1000 : raw) : Number.NaN);
  return Number.isNaN(date.getTime()) ? wrong(raw, path, problems) : date;
}

function items(form: Form & { form: "list" }, raw: unknown, path: string, problems: string[]): unknown {
  if (!Array.isArray(raw)) return wrong(raw, path, problems);
  bounds(form, raw.length, raw, path, "Member must have length", problems);
  return raw.map((item, index) => read(form.of, item, `${path}.${index + 1}.member`, problems));
}

function entries(form: Form & { form: "map" }, raw: unknown, path: string, problems: string[]): unknown {
  if (!isRecord(raw)) return wrong(raw, path, problems);
  return Object.fromEntries(
    Object.entries(raw).map(([name, item]) => [name, read(form.of, item, `${path}.${name}`, problems)]),
  );
}

function members(form: Form & { form: "structure" }, raw: unknown, path: string, problems: string[]): unknown {
  if (!isRecord(raw)) return wrong(raw, path, problems);
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(form.members)) {
    const at = path === "" ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
    const given = raw[name];
    if (given !== undefined && given !== null) value[name] = read(member, given, at, problems);
    else if (form.required.includes(name)) unmet(null, at, "Member must not be null", problems);
  }
  return value;
}

function bounds(
  { min, max }: { readonly min?: number; readonly max?: number },
  measure: number,
  shown: unknown,
  path: string,
  what: string,
  problems: string[],
): void {
  if (min !== undefined && measure < min) unmet(shown, path, `${what} greater than or equal to ${min}`, problems);
  if (max !== undefined && measure > max) unmet(shown, path, `${what} less than or equal to ${max}`, problems);
}

function unmet(value: unknown, path: string, constraint: string, problems: string[]): void {
  const shown = value === null ? "null" : `'${typeof value === "string" ? value : JSON.stringify(value)}'`;
  problems.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
}

function wrong(raw: unknown, path: string, problems: string[]): undefined {
  unmet(raw instanceof Date ? raw.toISOString() : raw, path, "Member has a wrong type", problems);
}

const isRecord = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
