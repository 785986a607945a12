/** A Logs Insights query as it was understood. */
import type { AggregateName } from "./aggregates.ts";
import type { FunctionName } from "./functions.ts";
import type { Period } from "./periods.ts";

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "call"; readonly name: FunctionName; readonly inputs: readonly Expression[] }
  /** `bin(5m)`, `datefloor(field, 1h)`, `dateceil(field, 1h)`. */
  | { readonly kind: "bin"; readonly of: Expression; readonly period: Period; readonly up: boolean }
  | { readonly kind: "arithmetic"; readonly sign: Arithmetic; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "comparison"; readonly sign: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "like"; readonly of: Expression; readonly pattern: RegExp | Expression }
  | { readonly kind: "in"; readonly of: Expression; readonly list: readonly Expression[] }
  /** `place` tells the aggregates of one command apart. */
  | {
      readonly kind: "aggregate";
      readonly name: AggregateName;
      readonly place: number;
      readonly of: Expression | undefined;
      /** Of `pct`. */
      readonly percent: number;
    };

export type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^";
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

export interface Column {
  readonly expression: Expression;
  /** After `as`, or the expression as it was written. */
  readonly name: string;
}

export type Command =
  | { readonly command: "fields"; readonly columns: readonly Column[] }
  | { readonly command: "display"; readonly columns: readonly Column[] }
  | { readonly command: "filter"; readonly condition: Expression }
  | { readonly command: "stats"; readonly aggregates: readonly Column[]; readonly by: readonly Column[] }
  | { readonly command: "sort"; readonly keys: readonly (Column & { readonly descending: boolean })[] }
  | { readonly command: "limit"; readonly count: number }
  | { readonly command: "dedup"; readonly names: readonly string[] }
  /** `names` are those of the pattern's groups, in order. */
  | { readonly command: "parse"; readonly of: Expression; readonly pattern: RegExp; readonly names: readonly string[] };

/** Why a query is refused, and where: offsets into its text. */
export class MalformedQuery extends Error {
  override readonly name = "MalformedQuery";
  readonly startCharOffset: number;
  readonly endCharOffset: number;

  constructor(message: string, startCharOffset: number, endCharOffset: number) {
    super(message);
    this.startCharOffset = startCharOffset;
    this.endCharOffset = endCharOffset;
  }
}
