/** Property selectors: `$.user.id`, `$.users[0].email`, `$.['a.b']`, `$.requests[*].*.code`. */
import type { ConditionReader } from "./condition-reader.ts";

/** The values it points to in a document: none, one, or with a wildcard many. */
export type Selector = (document: unknown) => readonly unknown[];

type Step = { readonly name: string } | { readonly index: number } | { readonly all: true };

export function readSelector(reader: ConditionReader): Selector {
  reader.expect("$");
  const steps: Step[] = [];
  for (let step = readStep(reader); step !== undefined; step = readStep(reader)) steps.push(step);
  if (steps.length === 0) throw reader.unexpected("a property");
  return (document) => {
    let values: readonly unknown[] = [document];
    for (const step of steps) values = values.flatMap((value) => taken(value, step));
    return values;
  };
}

function readStep(reader: ConditionReader): Step | undefined {
  const { text, at } = reader;
  if (text[at] === ".") {
    reader.at++;
    if (reader.text[reader.at] === "[") return readStep(reader);
    if (reader.take("*")) return { all: true };
    const name = reader.takeMatch(/[A-Za-z0-9_-]+/y);
    if (name === undefined) throw reader.unexpected("the name of a property");
    return { name };
  }
  if (text[at] !== "[") return undefined;
  const inside = reader.takeMatch(/\[(\d+|\*|'[^']*'|"[^"]*")\]/y)?.slice(1, -1);
  if (inside === undefined) throw reader.unexpected("an index or a quoted name within []");
  if (inside === "*") return { all: true };
  return /^\d/.test(inside) ? { index: Number(inside) } : { name: inside.slice(1, -1) };
}

function taken(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if ("all" in step) return Object.values(value);
  if ("index" in step) return Array.isArray(value) && step.index < value.length ? [value[step.index]] : [];
  return !Array.isArray(value) && Object.hasOwn(value, step.name)
    ? [(value as Readonly<Record<string, unknown>>)[step.name]]
    : [];
}
