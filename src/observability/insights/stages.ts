/** Each command as a step: what it does with a row. */
import { evaluate, type Row } from "./evaluate.ts";
import { grouping } from "./grouping.ts";
import type { Command } from "./query-syntax.ts";
import { extended, type Stage } from "./stage.ts";
import { compared, isTrue, textOf, type Value } from "./values.ts";

/** `later` are the commands after it, `limit` what the query may give at most. */
export function stageOf(command: Command, next: Stage, later: readonly Command[], limit: number): Stage {
  switch (command.command) {
    case "fields":
    case "display": {
      const made = command.columns.filter(
        ({ expression, name }) => expression.kind !== "field" || expression.name !== name,
      );
      const accept = (row: Row): boolean =>
        next.accept(
          extended(
            row,
            made.map(({ name, expression }) => [name, evaluate(expression, row)]),
          ),
        );
      return { accept, end: next.end };
    }
    case "filter":
      return { accept: (row) => !isTrue(evaluate(command.condition, row)) || next.accept(row), end: next.end };
    case "parse":
      return { accept: (row) => next.accept(extended(row, parsed(command, row))), end: next.end };
    case "limit":
      return limiting(command.count, next);
    case "dedup":
      return distinct(command.names, next);
    case "sort":
      return sorting(command.keys, next, bestOf(later, limit));
    case "stats":
      return grouping(command.aggregates, command.by, next);
    default:
      return command satisfies never;
  }
}

function parsed(
  { of, pattern, names }: Command & { command: "parse" },
  row: Row,
): readonly (readonly [string, Value])[] {
  const value = evaluate(of, row);
  const found = value === undefined ? null : pattern.exec(textOf(value));
  if (found === null) return [];
  return names.map((name, index) => [name, found.groups === undefined ? found[index + 1] : found.groups[name]]);
}

function limiting(count: number, next: Stage): Stage {
  let left = count;
  return { accept: (row) => left > 0 && next.accept(row) && --left > 0, end: next.end };
}

/** An event that lacks one of the fields is like no other. */
function distinct(names: readonly string[], next: Stage): Stage {
  const seen = new Set<string>();
  const isNew = (row: Row): boolean => {
    const values = names.map((name) => row.get(name));
    const key = JSON.stringify(values.map(textOf));
    if (values.includes(undefined)) return true;
    return !seen.has(key) && seen.add(key).size > 0;
  };
  return { accept: (row) => !isNew(row) || next.accept(row), end: next.end };
}

/** How many rows of a sort can get into the result, when nothing between them counts. */
function bestOf(later: readonly Command[], limit: number): number {
  const known = later.every(({ command }) => ["limit", "display", "fields", "parse"].includes(command));
  const limits = later.flatMap((command) => (command.command === "limit" ? [command.count] : []));
  return known ? Math.min(limit, ...limits) : Infinity;
}

type SortKeys = (Command & { command: "sort" })["keys"];

function sorting(keys: SortKeys, next: Stage, most: number): Stage {
  let rows: { readonly row: Row; readonly values: readonly Value[] }[] = [];
  const order = (a: readonly Value[], b: readonly Value[]): number => {
    for (const [index, { descending }] of keys.entries()) {
      const [left, right] = [a[index], b[index]];
      const result = compared(left, right);
      // What is missing comes last either way.
      if (result !== 0) return descending && left !== undefined && right !== undefined ? -result : result;
    }
    return 0;
  };
  const cut = (): void => {
    rows = rows.toSorted((a, b) => order(a.values, b.values)).slice(0, most);
  };
  return {
    accept: (row) => {
      rows.push({ row, values: keys.map(({ expression, name }) => row.get(name) ?? evaluate(expression, row)) });
      if (rows.length > 2 * most + 1000) cut();
      return true;
    },
    end: () => {
      cut();
      for (const { row } of rows) if (!next.accept(row)) break;
      next.end();
    },
  };
}
