/** A step of a query: rows come in, rows go on to the next. */
import type { Row } from "./evaluate.ts";
import type { Value } from "./values.ts";

export interface Stage {
  /** False when nothing more is wanted. */
  readonly accept: (row: Row) => boolean;
  readonly end: () => void;
}

/** The row with further fields, which hide those of the same name. */
export function extended(row: Row, added: readonly (readonly [string, Value])[]): Row {
  if (added.length === 0) return row;
  const fields = new Map(added);
  return { at: row.at, get: (name) => (fields.has(name) ? fields.get(name) : row.get(name)) };
}
