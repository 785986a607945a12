/** A page of a list (SVC-17). */
import { invalidValue } from "./refusal.ts";

interface Paging {
  readonly Marker?: string;
  readonly MaxItems?: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly NextMarker?: string;
}

/** Most lists; ListAliases gives as many as are asked for. */
const mostItems = 50;

/**
 * The items after the marker, which names the last one of the page before: one that was added or removed meanwhile neither
 * doubles nor hides another. `items` are in the order of `compare`.
 * @throws Refusal for a marker that none of our pages ended with.
 */
export function page<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { Marker, MaxItems }: Paging,
  { most = mostItems, compare = byText }: { most?: number; compare?: (a: string, b: string) => number } = {},
): Page<Item> {
  const after = Marker === undefined || Marker === "" ? undefined : readMarker(Marker);
  const rest = after === undefined ? items : items.filter((item) => compare(keyOf(item), after) > 0);
  const count = Math.min(MaxItems ?? most, most);
  const taken = rest.slice(0, count);
  const last = taken.at(-1);
  if (last === undefined || rest.length <= count) return { items: taken };
  return { items: taken, NextMarker: Buffer.from(JSON.stringify([keyOf(last)])).toString("base64url") };
}

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Version numbers as text, `$LATEST` before all of them. */
export const byNumber = (a: string, b: string): number => numberOf(a) - numberOf(b);
export const byNumberDown = (a: string, b: string): number => numberOf(b) - numberOf(a);

const numberOf = (version: string): number => (version === "$LATEST" ? 0 : Number(version));

function readMarker(marker: string): string {
  try {
    const [key] = JSON.parse(Buffer.from(marker, "base64url").toString()) as [unknown];
    if (typeof key === "string") return key;
  } catch {
    // As below.
  }
  throw invalidValue("Invalid marker.");
}
