/** What a test expects of a value: as much of it as is written down. */
import { isDeepStrictEqual, types } from "node:util";

/**
 * A text that occurs in the value, a pattern that matches in it, members that an object must have, a value that it must
 * be, an asymmetric matcher such as `expect.any(String)`, or a function that says whether it fits.
 */
export type Shape =
  | string
  | number
  | boolean
  | null
  | RegExp
  | Readonly<Record<string, unknown>>
  | ((value: never) => unknown);

/** One shape, or several in order. */
export type Expected = Shape | readonly Shape[];

export const shapesOf = (expected: Expected): readonly Shape[] =>
  Array.isArray(expected) ? (expected as readonly Shape[]) : [expected as Shape];

/** Why `actual` does not fit, with the place of the first difference; undefined when it does. */
export function mismatch(actual: unknown, shape: Shape): string | undefined {
  if (typeof shape === "string" || types.isRegExp(shape))
    return holdsText(actual, shape) ? undefined : "does not contain it";
  return difference(actual, shape, "");
}

/** At the top a text stands for any value in which it occurs; further down it is the value. */
function holdsText(actual: unknown, wanted: string | RegExp): boolean {
  if (typeof actual === "string") return fitsText(actual, wanted);
  if (typeof actual !== "object" || actual === null) return fitsText(String(actual), wanted);
  return Object.values(actual).some((value) => holdsText(value, wanted));
}

const fitsText = (text: string, wanted: string | RegExp): boolean =>
  typeof wanted === "string"
    ? text.includes(wanted)
    : new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, "")).test(text);

function difference(actual: unknown, shape: unknown, at: string): string | undefined {
  const place = at === "" ? "" : `${at}: `;
  if (isAsymmetric(shape))
    return shape.asymmetricMatch(actual) ? undefined : `${place}${short(actual)} is not what ${nameOf(shape)} wants`;
  if (typeof shape === "function")
    return (shape as (value: unknown) => unknown)(actual) === true
      ? undefined
      : `${place}${short(actual)} does not fit`;
  if (types.isRegExp(shape))
    return typeof actual === "string" && fitsText(actual, shape)
      ? undefined
      : `${place}${short(actual)} does not match ${shape}`;
  if (Array.isArray(shape)) {
    if (!Array.isArray(actual) || actual.length !== shape.length)
      return `${place}${short(actual)} is not ${short(shape)}`;
    return first(shape.map((each, index) => difference(actual[index], each, `${at}[${index}]`)));
  }
  if (!isPlain(shape))
    return isDeepStrictEqual(actual, shape) ? undefined : `${place}${short(actual)} is not ${short(shape)}`;
  if (typeof actual !== "object" || actual === null) return `${place}${short(actual)} is no object`;
  return first(
    Object.entries(shape).map(([name, each]) =>
      difference((actual as Readonly<Record<string, unknown>>)[name], each, at === "" ? name : `${at}.${name}`),
    ),
  );
}

const first = (differences: readonly (string | undefined)[]): string | undefined =>
  differences.find((one) => one !== undefined);

interface Asymmetric {
  readonly asymmetricMatch: (actual: unknown) => boolean;
  readonly toString?: () => string;
}

/** The protocol that vitest, jest and others share. */
const isAsymmetric = (shape: unknown): shape is Asymmetric =>
  typeof shape === "object" && shape !== null && typeof (shape as Partial<Asymmetric>).asymmetricMatch === "function";

const nameOf = (shape: Asymmetric): string => {
  const { sample } = shape as { sample?: unknown };
  const text = String(shape);
  return sample === undefined ? text : `${text} ${typeof sample === "function" ? sample.name : short(sample)}`;
};

/** Test frameworks run files in realms of their own, whose `Object` is another one. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const longest = 300;

/** A value on one line, cut where it is long. */
export function short(value: unknown): string {
  const text = textOf(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function textOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (types.isRegExp(value) || typeof value === "function") return String(value);
  if (isAsymmetric(value)) return nameOf(value);
  try {
    return JSON.stringify(value, (_, member: unknown) =>
      types.isRegExp(member) ? String(member) : isAsymmetric(member) ? nameOf(member) : member,
    );
  } catch {
    return Object.prototype.toString.call(value);
  }
}
