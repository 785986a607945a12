/** Whether what was delivered is what a test expects: a pure judgement over two lists. */
import { types } from "node:util";
import { mismatch, type Shape, short } from "./shape.ts";

export interface DeliveredOptions {
  /** Name of the destination, where there are several; default any one of them. */
  readonly to?: string;
  /** So many records fit each shape, no more and no fewer; default one or more. */
  readonly times?: number;
  /** `any` lets a list of shapes come in any order; default `given`, with whatever else between them. */
  readonly order?: "given" | "any";
  /** True wants no record but those; default false. */
  readonly only?: boolean;
}

interface Found {
  readonly shape: Shape;
  /** Which records fit it. */
  readonly places: readonly number[];
}

/** Nothing when it fits, otherwise what is wrong, a line each. */
export function deliveryProblem(
  records: readonly unknown[],
  expected: readonly Shape[],
  { times, order = "given", only = false }: DeliveredOptions,
): readonly string[] {
  const found = expected.map((shape) => ({ shape, places: placesOf(records, shape) }));
  const counts = found.flatMap((one) => countProblem(records, one, times));
  if (counts.length > 0 || times === 0) return counts;
  const taken = order === "given" ? inOrder(found) : inAnyOrder(found);
  if (typeof taken === "string") return [taken];
  if (!only) return [];
  const named = new Set(times === undefined ? taken : found.flatMap(({ places }) => places));
  const others = records.filter((_, at) => !named.has(at));
  return others.length === 0 ? [] : [`beside those ${others.length} more came, such as ${short(others[0])}`];
}

const placesOf = (records: readonly unknown[], shape: Shape): readonly number[] =>
  records.flatMap((record, at) => (mismatch(record, shape) === undefined ? [at] : []));

/** Which records fit the shapes. */
export const fitting = <Taken>(records: readonly Taken[], expected: readonly Shape[]): readonly Taken[] =>
  records.filter((record) => expected.some((shape) => mismatch(record, shape) === undefined));

function countProblem(
  records: readonly unknown[],
  { shape, places }: Found,
  times: number | undefined,
): readonly string[] {
  const found = places.length;
  if (times === undefined ? found > 0 : found === times) return [];
  const wanted = times === undefined ? "" : `, ${times} wanted`;
  if (found > 0) return [`${short(shape)}: came ${found === 1 ? "once" : `${found} times`}${wanted}`];
  const why = nearest(records, shape);
  return [`${short(shape)}: did not come${wanted}${why === undefined ? "" : `; nearest: ${why}`}`];
}

/** Of objects that agree with more of the shape before they differ, the first. */
function nearest(records: readonly unknown[], shape: Shape): string | undefined {
  if (typeof shape !== "object" || shape === null || types.isRegExp(shape)) return undefined;
  const members = Object.entries(shape);
  let best: { readonly agreed: number; readonly why: string } | undefined;
  for (const record of records) {
    const why = mismatch(record, shape);
    const agreed = members.filter(([name, wanted]) => mismatch(record, { [name]: wanted }) === undefined).length;
    if (why !== undefined && agreed > (best?.agreed ?? 0)) best = { agreed, why };
  }
  return best?.why;
}

/** The places of records that fit in this order, or what is out of order. */
function inOrder(found: readonly Found[]): readonly number[] | string {
  const taken: number[] = [];
  let before = "";
  for (const { shape, places } of found) {
    const last = taken.at(-1) ?? -1;
    const next = places.find((place) => place > last);
    if (next === undefined) return `${short(shape)}: came, but not after ${before}`;
    taken.push(next);
    before = short(shape);
  }
  return taken;
}

/** A record stands for one shape only: the shapes that fit fewest choose first, which is enough for lists people write. */
function inAnyOrder(found: readonly Found[]): readonly number[] | string {
  const taken = new Set<number>();
  for (const { shape, places } of [...found].sort((a, b) => a.places.length - b.places.length)) {
    const free = places.find((place) => !taken.has(place));
    if (free === undefined) return `${short(shape)}: came fewer times than it is listed`;
    taken.add(free);
  }
  return [...taken];
}
