/** Values of fields: what they are compared as, and how results show them. */

/** A point in time, which is a number in arithmetic and a date when it is shown. */
export class Moment {
  readonly epochMs: number;

  constructor(epochMs: number) {
    this.epochMs = epochMs;
  }
}

/** Nothing where an event lacks the field. */
export type Value = string | number | boolean | Moment | undefined;

/** Nothing for what is no number. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Moment) return value.epochMs;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export const textOf = (value: Value): string =>
  value instanceof Moment ? dateText(value.epochMs) : String(value ?? "");

export const isTrue = (value: Value): boolean =>
  value === true || value === "true" || (typeof value === "number" && value !== 0);

/** Below 0 when `a` comes first: numbers as numbers, anything else as text; what is missing comes last. */
export function compared(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left - right;
  const [first, second] = [textOf(a), textOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** As results show it: what is true as 1, and four decimals at most. */
export function shown(value: Exclude<Value, undefined>): string {
  if (typeof value === "boolean") return String(Number(value));
  if (typeof value !== "number") return textOf(value);
  return String(Number.isInteger(value) ? value : Math.round(value * 10_000) / 10_000);
}

/** `2026-11-23 08:15:30.000`, UTC. */
const dateText = (epochMs: number): string => {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString().replace("T", " ").replace("Z", "");
};

/** As GetLogRecord shows it: times as numbers, other numbers as Java writes doubles, 1.28E8. */
export function recorded(value: Exclude<Value, undefined>): string {
  if (value instanceof Moment) return String(value.epochMs);
  if (typeof value !== "number") return textOf(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
