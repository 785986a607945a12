/** Holds a document against the part of JSON Schema that our published schema is written in. */
import type { Located, LocatedMap } from "./located.ts";
import type { Finding, Place } from "./project.ts";

/** What of JSON Schema is understood; `lambdarium.schema.json` uses nothing else. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: { readonly pattern: string };
  readonly additionalProperties?: boolean | Schema;
  /** Alternatives of different types. */
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
}

/** Everything that is wrong, in the order of the file. */
export function schemaFaults(document: Located, root: Schema): Finding[] {
  const faults: Finding[] = [];
  const fault = (place: Place, what: string): void => void faults.push({ place, what });

  const check = (node: Located, given: Schema, name: string): void => {
    const schema = chosen(resolved(given, root), node);
    if (schema === undefined) {
      const types = (resolved(given, root).anyOf ?? []).map(({ type }) => typeNames[type ?? "object"]);
      fault(node.place, `${name} is ${types.join(" or ")}`);
      return;
    }
    const type = typeOf(node);
    if (schema.type !== undefined && type !== schema.type) {
      fault(node.place, `${name} is ${typeNames[schema.type]}, not ${shown(node)}`);
      return;
    }
    if (node.kind === "map") checkMap(node, schema, name);
    else if (node.kind === "list") {
      if (schema.maxItems !== undefined && node.items.length > schema.maxItems)
        fault(node.place, `${name} has at most ${schema.maxItems} entries`);
      for (const [index, item] of node.items.entries()) check(item, schema.items ?? {}, `${name}[${index}]`);
    } else checkScalar(node.value, node.place, schema, name);
  };

  const checkMap = (map: LocatedMap, schema: Schema, name: string): void => {
    for (const required of schema.required ?? [])
      if (!map.members.has(required)) fault(map.place, `${name} needs ${JSON.stringify(required)}`);
    const { properties = {}, additionalProperties = true, propertyNames } = schema;
    for (const [member, { key, node }] of map.members) {
      const known = properties[member] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
      if (known === undefined && additionalProperties === false) {
        const meant = nearest(member, Object.keys(properties));
        fault(
          key,
          `there is no ${JSON.stringify(member)} in ${name}${meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`}`,
        );
        continue;
      }
      if (propertyNames !== undefined && !new RegExp(propertyNames.pattern).test(member))
        fault(key, `the name ${JSON.stringify(member)} in ${name} does not have the form ${propertyNames.pattern}`);
      check(node, known ?? {}, name === rootName ? member : `${name}.${member}`);
    }
  };

  const checkScalar = (value: unknown, place: Place, schema: Schema, name: string): void => {
    const { enum: words, pattern, minimum, maximum } = schema;
    if (words !== undefined && !words.includes(String(value)))
      fault(place, `${name} is one of ${words.join(", ")}, not ${JSON.stringify(value)}`);
    if (pattern !== undefined && !new RegExp(pattern).test(String(value)))
      fault(place, `${name} does not have the form ${pattern}`);
    if (typeof value === "number" && (value < (minimum ?? value) || value > (maximum ?? value)))
      fault(
        place,
        `${name} is ${maximum === undefined ? `${minimum} or more` : `a whole number from ${minimum} to ${maximum}`}, not ${value}`,
      );
  };

  check(document, root, rootName);
  return faults.toSorted((one, other) => one.place.line - other.place.line || one.place.column - other.place.column);
}

const rootName = "the file";

const typeNames = {
  object: "an object",
  array: "a list",
  string: "a text",
  integer: "a whole number",
  boolean: "true or false",
} as const;

function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return name === undefined ? schema : (root.$defs?.[name] ?? {});
}

const chosen = (schema: Schema, node: Located): Schema | undefined =>
  schema.anyOf === undefined ? schema : schema.anyOf.find(({ type }) => type === typeOf(node));

function typeOf(node: Located): string {
  if (node.kind === "map") return "object";
  if (node.kind === "list") return "array";
  return Number.isInteger(node.value) ? "integer" : typeof node.value;
}

const shown = (node: Located): string =>
  node.kind === "scalar" ? JSON.stringify(node.value) : typeNames[node.kind === "map" ? "object" : "array"];

/** The known name that was probably meant: one that begins alike, or differs in two letters at most. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const alike = known.find((name) => name.toLowerCase().startsWith(lower) || lower.startsWith(name.toLowerCase()));
  if (alike !== undefined) return alike;
  const distances = known.map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }));
  const [best] = distances.toSorted((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= 2 ? best.name : undefined;
}

/** How many letters must be added, left out or exchanged. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [column, opposite] of other.split("").entries())
      next.push(
        Math.min(
          (next[column] ?? 0) + 1,
          (row[column + 1] ?? 0) + 1,
          (row[column] ?? 0) + (letter === opposite ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
