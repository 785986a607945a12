/** `stats`: one row for each group of rows. */
import { gather, type Gathering } from "./aggregates.ts";
import { evaluate, type Row } from "./evaluate.ts";
import type { Column, Expression } from "./query-syntax.ts";
import type { Stage } from "./stage.ts";
import { textOf, type Value } from "./values.ts";

interface Group {
  readonly at: number;
  readonly values: readonly Value[];
  readonly parts: readonly Gathering[];
}

export function grouping(aggregates: readonly Column[], by: readonly Column[], next: Stage): Stage {
  const parts = aggregates.flatMap(({ expression }) => aggregatesIn(expression));
  const groups = new Map<string, Group>();
  const groupOf = (row: Row): Group => {
    const values = by.map(({ expression }) => evaluate(expression, row));
    const key = JSON.stringify(values.map((value) => (value === undefined ? null : textOf(value))));
    const group = groups.get(key) ?? {
      at: row.at,
      values,
      parts: parts.map(({ name, percent }) => gather(name, percent)),
    };
    groups.set(key, group);
    return group;
  };
  const rowOf = (group: Group): Row => {
    const results = group.parts.map((part) => part.result());
    const known = new Map(by.map(({ name }, index) => [name, group.values[index]]));
    const row = { at: group.at, get: (name: string) => known.get(name) };
    for (const { name, expression } of aggregates) known.set(name, evaluate(expression, row, results));
    return row;
  };
  return {
    accept: (row) => {
      const group = groupOf(row);
      for (const [index, { of }] of parts.entries())
        group.parts[index]?.add(of === undefined ? true : evaluate(of, row), row.at);
      return true;
    },
    end: () => {
      // Without groups there is one, also of no event.
      if (by.length === 0 && groups.size === 0) groupOf({ at: 0, get: () => undefined });
      for (const group of groups.values()) if (!next.accept(rowOf(group))) break;
      next.end();
    },
  };
}

type Aggregate = Expression & { readonly kind: "aggregate" };

/** In the order of their places. */
function aggregatesIn(expression: Expression): readonly Aggregate[] {
  if (expression.kind === "aggregate") return [expression];
  if ("left" in expression) return [...aggregatesIn(expression.left), ...aggregatesIn(expression.right)];
  if (expression.kind === "call") return expression.inputs.flatMap(aggregatesIn);
  return "of" in expression && expression.of !== undefined ? aggregatesIn(expression.of) : [];
}
