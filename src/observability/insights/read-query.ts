/** A query of Logs Insights, from its text. */
import { type AggregatePlaces, readExpression, readFieldName, readText } from "./read-expression.ts";
import { QueryReader } from "./query-reader.ts";
import type { Column, Command, Expression } from "./query-syntax.ts";
import { globPattern, groupNames, readPattern } from "./read-pattern.ts";

const mostRows = 100_000;

/** @throws MalformedQuery */
export function readQuery(text: string): readonly Command[] {
  const reader = new QueryReader(text);
  const commands: Command[] = [];
  while (!reader.ended) {
    const from = reader.at;
    const next = command(reader);
    if (commands.some(({ command: name }) => name === "dedup") && next.command !== "limit")
      reader.refuse("after the command dedup only limit may follow", from);
    commands.push(next);
    // A pipe after the last command leads nowhere, and AWS takes it all the same.
    if (!reader.ended) reader.expect("|");
  }
  return commands;
}

function command(reader: QueryReader): Command {
  const from = reader.at;
  const name = reader.skipsWord("fields", "display", "filter", "stats", "sort", "limit", "dedup", "parse");
  switch (name) {
    case "fields":
    case "display":
      return { command: name, columns: columns(reader, noAggregates()) };
    case "filter":
      return { command: name, condition: readExpression(reader, noAggregates()) };
    case "stats":
      return stats(reader);
    case "sort":
      return { command: name, keys: sortKeys(reader) };
    case "limit":
      return { command: name, count: limit(reader) };
    case "dedup":
      return { command: name, names: columns(reader, noAggregates()).map((column) => column.name) };
    case "parse":
      return parse(reader);
    default:
      return other(reader, from);
  }
}

const unsupported = [
  "pattern",
  "diff",
  "unmask",
  "unnest",
  "anomaly",
  "lookup",
  "join",
  "subquery",
  "source",
  "filterindex",
];

function other(reader: QueryReader, from: number): never {
  const name = reader.skipsWord(...unsupported);
  return name === undefined ? reader.unexpected() : reader.refuse(`the command ${name} is not supported here`, from);
}

const noAggregates = (): AggregatePlaces => ({ allowed: false, count: 0 });

function columns(reader: QueryReader, places: AggregatePlaces): readonly Column[] {
  const all: Column[] = [];
  do {
    const from = reader.at;
    const expression = readExpression(reader, places);
    const written = reader.since(from);
    all.push({ expression, name: alias(reader) ?? (expression.kind === "field" ? expression.name : written) });
  } while (reader.skips(","));
  return all;
}

const alias = (reader: QueryReader): string | undefined =>
  reader.skipsWord("as") === undefined ? undefined : (readFieldName(reader) ?? reader.unexpected());

function stats(reader: QueryReader): Command {
  const from = reader.at;
  const aggregates = columns(reader, { allowed: true, count: 0 });
  const written = reader.since(from).length;
  const by = reader.skipsWord("by") === undefined ? [] : columns(reader, noAggregates());
  const known = new Set(by.map(({ name }) => name));
  for (const { expression, name } of aggregates) {
    if (!isSettled(expression, known)) reader.refuse(needsFunction, from, from + written);
    known.add(name);
  }
  return { command: "stats", aggregates, by };
}

const needsFunction = "every value of the command stats needs a function such as count, sum or avg";

/** A group has no field of its own but those it is by, and what was made of it before: `max(a) as most, most - 1`. */
function isSettled(expression: Expression, known: ReadonlySet<string>): boolean {
  const of = (part: Expression): boolean => isSettled(part, known);
  switch (expression.kind) {
    case "aggregate":
    case "literal":
      return true;
    case "field":
      return known.has(expression.name);
    case "call":
      return expression.inputs.every(of);
    case "arithmetic":
    case "comparison":
    case "and":
    case "or":
      return of(expression.left) && of(expression.right);
    case "bin":
    case "not":
    case "like":
      return of(expression.of);
    case "in":
      return of(expression.of) && expression.list.every(of);
    default:
      return expression satisfies never;
  }
}

function sortKeys(reader: QueryReader): (Column & { readonly descending: boolean })[] {
  const keys: (Column & { readonly descending: boolean })[] = [];
  do {
    const from = reader.at;
    // What stats gave may be named as it was written there: `sort count(*) desc`.
    const expression = readExpression(reader, { allowed: true, count: 0 });
    const name = expression.kind === "field" ? expression.name : reader.since(from);
    keys.push({ expression, name, descending: reader.skipsWord("asc", "desc") === "desc" });
  } while (reader.skips(","));
  return keys;
}

function limit(reader: QueryReader): number {
  const from = reader.at;
  const count = Number((reader.take(/\d+/y) ?? reader.unexpected())[0]);
  return count >= 1 && count <= mostRows ? count : reader.refuse(`limit must be from 1 to ${mostRows}`, from);
}

/** `parse [field] "glob" as a, b` or `parse [field] /…(?<name>…)…/`. */
function parse(reader: QueryReader): Command {
  const from = reader.at;
  const fieldName = readFieldName(reader);
  const of: Expression = { kind: "field", name: fieldName ?? "@message" };
  const regular = readPattern(reader);
  if (regular !== undefined) {
    const names = groupNames(regular);
    if (names.length === 0) reader.refuse("the regular expression of parse needs named groups, (?<name>…)", from);
    return { command: "parse", of, pattern: regular, names };
  }
  const glob = readText(reader) ?? reader.unexpected();
  if (reader.skipsWord("as") === undefined) reader.unexpected();
  const names: string[] = [];
  do names.push(readFieldName(reader) ?? reader.unexpected());
  while (reader.skips(","));
  if (names.length !== glob.split("*").length - 1)
    reader.refuse(`the pattern of parse has ${glob.split("*").length - 1} wildcards for ${names.length} names`, from);
  return { command: "parse", of, pattern: globPattern(glob), names };
}
