/** Expressions of Logs Insights, from their text. */
import { aggregateNamed } from "./aggregates.ts";
import { functionNamed } from "./functions.ts";
import { type Period, periodOf } from "./periods.ts";
import type { QueryReader } from "./query-reader.ts";
import type { Arithmetic, Comparison, Expression } from "./query-syntax.ts";
import { readPattern } from "./read-pattern.ts";

/** Whether aggregates may stand in it, and the number of those so far. */
export interface AggregatePlaces {
  readonly allowed: boolean;
  count: number;
}

export const readExpression = (reader: QueryReader, places: AggregatePlaces): Expression => {
  let left = conjunction(reader, places);
  while (reader.skipsWord("or") !== undefined || reader.skips("||"))
    left = { kind: "or", left, right: conjunction(reader, places) };
  return left;
};

function conjunction(reader: QueryReader, places: AggregatePlaces): Expression {
  let left = negation(reader, places);
  while (reader.skipsWord("and") !== undefined || reader.skips("&&"))
    left = { kind: "and", left, right: negation(reader, places) };
  return left;
}

const negation = (reader: QueryReader, places: AggregatePlaces): Expression =>
  reader.skipsWord("not") === undefined ? comparison(reader, places) : { kind: "not", of: negation(reader, places) };

function comparison(reader: QueryReader, places: AggregatePlaces): Expression {
  const left = sum(reader, places);
  if (reader.skips("=~")) return like(reader, left);
  const sign = reader.take(/!=|<=|>=|==?|<|>/y)?.[0];
  if (sign !== undefined)
    return { kind: "comparison", sign: (sign === "==" ? "=" : sign) as Comparison, left, right: sum(reader, places) };
  const at = reader.at;
  const negated = reader.skipsWord("not") !== undefined;
  const word = reader.skipsWord("like", "in");
  if (word === undefined) {
    reader.back(at);
    return left;
  }
  const test: Expression = word === "like" ? like(reader, left) : { kind: "in", of: left, list: list(reader, places) };
  return negated ? { kind: "not", of: test } : test;
}

const like = (reader: QueryReader, of: Expression): Expression => ({
  kind: "like",
  of,
  pattern: readPattern(reader) ?? primary(reader, { allowed: false, count: 0 }),
});

function list(reader: QueryReader, places: AggregatePlaces): readonly Expression[] {
  reader.expect("[");
  return separated(reader, "]", () => sum(reader, places));
}

function separated<T>(reader: QueryReader, end: string, read: () => T): readonly T[] {
  const items: T[] = [];
  if (reader.skips(end)) return items;
  do items.push(read());
  while (reader.skips(","));
  reader.expect(end);
  return items;
}

function sum(reader: QueryReader, places: AggregatePlaces): Expression {
  let left = product(reader, places);
  for (let sign = reader.take(/[-+]/y); sign !== undefined; sign = reader.take(/[-+]/y))
    left = { kind: "arithmetic", sign: sign[0] as Arithmetic, left, right: product(reader, places) };
  return left;
}

function product(reader: QueryReader, places: AggregatePlaces): Expression {
  let left = power(reader, places);
  for (let sign = reader.take(/[*/%]/y); sign !== undefined; sign = reader.take(/[*/%]/y))
    left = { kind: "arithmetic", sign: sign[0] as Arithmetic, left, right: power(reader, places) };
  return left;
}

function power(reader: QueryReader, places: AggregatePlaces): Expression {
  if (reader.skips("-"))
    return { kind: "arithmetic", sign: "-", left: { kind: "literal", value: 0 }, right: power(reader, places) };
  const left = primary(reader, places);
  return reader.skips("^") ? { kind: "arithmetic", sign: "^", left, right: power(reader, places) } : left;
}

function primary(reader: QueryReader, places: AggregatePlaces): Expression {
  const from = reader.at;
  if (reader.skips("(")) {
    const inside = readExpression(reader, places);
    reader.expect(")");
    return inside;
  }
  const text = readText(reader);
  if (text !== undefined) return { kind: "literal", value: text };
  const number = reader.take(/\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])/y);
  if (number !== undefined) return { kind: "literal", value: Number(number[0]) };
  const name = readFieldName(reader);
  if (name === undefined) return reader.unexpected();
  if (/^\w+$/.test(name) && reader.skips("(")) return call(reader, name, from, places);
  if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
  return { kind: "field", name };
}

/** Text between quotes; a backslash takes away what the next character means. */
export function readText(reader: QueryReader): string | undefined {
  const found = reader.take(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy);
  const inside = found?.[1] ?? found?.[2];
  return inside?.replace(/\\(.)/gs, (_, sign: string) => escapes[sign] ?? sign);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** `@message`, `a.b.0`, or anything between backticks; parts of a dotted name may have their own. */
export function readFieldName(reader: QueryReader): string | undefined {
  const found = reader.take(/(?:@?[A-Za-z_][\w@]*|`[^`]+`)(?:\.(?:[\w@]+|`[^`]+`))*/y);
  return found?.[0].replaceAll("`", "");
}

function call(reader: QueryReader, name: string, from: number, places: AggregatePlaces): Expression {
  if (["bin", "datefloor", "dateceil"].includes(name.toLowerCase())) return bin(reader, name.toLowerCase(), places);
  const aggregate = aggregateNamed(name);
  if (aggregate !== undefined) {
    if (!places.allowed) reader.refuse(`the function ${name} is only for the command stats`, from);
    return aggregated(reader, aggregate, places, from);
  }
  const found = functionNamed(name);
  if (found === undefined) return reader.refuse(`the function ${name} is not supported here`, from);
  const inputs = separated(reader, ")", () => readExpression(reader, places));
  if (inputs.length < found.least || inputs.length > found.most)
    reader.refuse(`the function ${name} does not take ${inputs.length} arguments`, from);
  return { kind: "call", name: found.name, inputs };
}

function bin(reader: QueryReader, name: string, places: AggregatePlaces): Expression {
  let of: Expression = { kind: "field", name: "@timestamp" };
  if (name !== "bin") {
    of = readExpression(reader, places);
    reader.expect(",");
  }
  const period = readPeriod(reader);
  reader.expect(")");
  return { kind: "bin", of, period, up: name === "dateceil" };
}

function readPeriod(reader: QueryReader): Period {
  const from = reader.at;
  const [, count, unit = ""] = reader.take(/(\d+)\s*([A-Za-z]+)/y) ?? reader.unexpected();
  return periodOf(Number(count), unit) ?? reader.refuse(`${reader.since(from)} is no period`, from);
}

function aggregated(
  reader: QueryReader,
  name: ReturnType<typeof aggregateNamed> & string,
  places: AggregatePlaces,
  from: number,
): Expression {
  const place = places.count++;
  const everything = name === "count" && (reader.skips("*") || reader.text[reader.at] === ")");
  const of = everything ? undefined : readExpression(reader, { allowed: false, count: 0 });
  let percent = 50;
  if (name === "pct") {
    reader.expect(",");
    percent = Number((reader.take(/\d+(?:\.\d+)?/y) ?? reader.unexpected())[0]);
    if (percent > 100) reader.refuse(`${percent} is no percentile`, from);
  }
  reader.expect(")");
  return { kind: "aggregate", name, place, of, percent };
}
