/** Functions of Logs Insights that make a value of values. */
import { compared, Moment, numberOf, textOf, type Value } from "./values.ts";

type Made = (inputs: readonly Value[]) => Value;

/** Nothing when an input is no number or the result is none. */
const numeric =
  (of: (...numbers: number[]) => number): Made =>
  (inputs) => {
    const numbers = inputs.map(numberOf).filter((number) => number !== undefined);
    const result = numbers.length < inputs.length ? Number.NaN : of(...numbers);
    return Number.isFinite(result) ? result : undefined;
  };

/** Nothing when the text is missing. */
const textual =
  (of: (text: string, ...rest: readonly Value[]) => Value): Made =>
  ([first, ...rest]) =>
    first === undefined ? undefined : of(textOf(first), ...rest);

const signs = (text: Value): string => textOf(text).replace(/[\\\]^-]/g, String.raw`\$&`);

const functions = {
  abs: { least: 1, most: 1, of: numeric(Math.abs) },
  ceil: { least: 1, most: 1, of: numeric(Math.ceil) },
  floor: { least: 1, most: 1, of: numeric(Math.floor) },
  greatest: { least: 1, most: Infinity, of: numeric(Math.max) },
  least: { least: 1, most: Infinity, of: numeric(Math.min) },
  log: { least: 1, most: 1, of: numeric(Math.log) },
  sqrt: { least: 1, most: 1, of: numeric(Math.sqrt) },
  ispresent: { least: 1, most: 1, of: ([value]: readonly Value[]) => value !== undefined },
  coalesce: { least: 1, most: Infinity, of: (values: readonly Value[]) => values.find((value) => value !== undefined) },
  isempty: { least: 1, most: 1, of: ([value]: readonly Value[]) => value === undefined || textOf(value) === "" },
  isblank: { least: 1, most: 1, of: ([value]: readonly Value[]) => value === undefined || textOf(value).trim() === "" },
  concat: { least: 1, most: Infinity, of: (values: readonly Value[]) => values.map(textOf).join("") },
  strlen: { least: 1, most: 1, of: textual((text) => Array.from(text).length) },
  toupper: { least: 1, most: 1, of: textual((text) => text.toUpperCase()) },
  tolower: { least: 1, most: 1, of: textual((text) => text.toLowerCase()) },
  trim: { least: 1, most: 2, of: textual((text, trimmed) => trimmedAt(text, trimmed, "both")) },
  ltrim: { least: 1, most: 2, of: textual((text, trimmed) => trimmedAt(text, trimmed, "left")) },
  rtrim: { least: 1, most: 2, of: textual((text, trimmed) => trimmedAt(text, trimmed, "right")) },
  substr: { least: 2, most: 3, of: textual(substring) },
  replace: {
    least: 3,
    most: 3,
    of: textual((text, searched, replacement) => text.replaceAll(textOf(searched), () => textOf(replacement))),
  },
  strcontains: { least: 2, most: 2, of: textual((text, searched) => (text.includes(textOf(searched)) ? 1 : 0)) },
  tomillis: { least: 1, most: 1, of: numeric((epochMs) => epochMs) },
  frommillis: {
    least: 1,
    most: 1,
    of: ([value]: readonly Value[]) => (numberOf(value) === undefined ? undefined : new Moment(numberOf(value) ?? 0)),
  },
} satisfies Record<string, { readonly least: number; readonly most: number; readonly of: Made }>;

export type FunctionName = keyof typeof functions;

/** How many inputs it takes; nothing for what is no function here. Case does not matter. */
export function functionNamed(name: string): { name: FunctionName; least: number; most: number } | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(functions, lower)
    ? { name: lower as FunctionName, ...functions[lower as FunctionName] }
    : undefined;
}

export const callFunction = (name: FunctionName, inputs: readonly Value[]): Value => functions[name].of(inputs);

function trimmedAt(text: string, trimmed: Value, side: "both" | "left" | "right"): string {
  const sign = trimmed === undefined ? String.raw`\s` : signs(trimmed);
  if (sign === "") return text;
  const left = side === "right" ? text : text.replace(new RegExp(`^[${sign}]+`, "u"), "");
  return side === "left" ? left : left.replace(new RegExp(`[${sign}]+$`, "u"), "");
}

function substring(text: string, from: Value, length: Value): Value {
  const start = numberOf(from);
  if (start === undefined) return undefined;
  const count = numberOf(length);
  return text.slice(start, count === undefined ? undefined : start + count);
}

/** What `=` means between values of any kinds. */
export const areEqual = (a: Value, b: Value): boolean => a !== undefined && b !== undefined && compared(a, b) === 0;
