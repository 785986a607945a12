/** Values against the model: AWS's own sentences for what a client may not send (SVC-10). */
import type { ListShape, MapShape, MemberShapes, NumberShape, Shape, TextShape } from "./shape.ts";

/** The message of a ValidationException: every fault, counted; nothing when there is none. */
export function validationMessage(members: MemberShapes, input: Readonly<Record<string, unknown>>): string | undefined {
  const faults = structureFaults(members, input, "");
  if (faults.length === 0) return undefined;
  return faultsText(faults);
}

/** One fault or several, in the words of AWS's validator. */
export const faultsText = (faults: readonly string[]): string =>
  `${faults.length} validation error${faults.length === 1 ? "" : "s"} detected: ${faults.join("; ")}`;

/** The fault of one value, for rules that the model does not hold. */
export const faultText = (value: unknown, path: string, constraint: string): string =>
  `Value ${quoted(value)} at '${path}' failed to satisfy constraint: ${constraint}`;

function structureFaults(
  members: MemberShapes,
  input: Readonly<Record<string, unknown>>,
  within: string,
): readonly string[] {
  return Object.entries(members).flatMap(([name, shape]) => {
    const path = within + lowerFirst(name);
    const value = input[name];
    if (value === undefined)
      return shape.required === true ? [faultText(undefined, path, "Member must not be null")] : [];
    return faultsOf(shape, value, path);
  });
}

function faultsOf(shape: Shape, value: unknown, path: string): readonly string[] {
  switch (shape.kind) {
    case "text":
    case "integer":
    case "number":
      return brokenRules(shape, value).map((rule) => faultText(value, path, rule));
    case "list":
      return listFaults(shape, value as readonly unknown[], path);
    case "map":
      return mapFaults(shape, value as Readonly<Record<string, unknown>>, path);
    case "structure":
      return structureFaults(shape.members, value as Readonly<Record<string, unknown>>, `${path}.`);
    case "boolean":
    case "blob":
      return [];
    default:
      return shape satisfies never;
  }
}

function listFaults(shape: ListShape, values: readonly unknown[], path: string): readonly string[] {
  const { of } = shape;
  const faults = lengthRules(shape, values.length).map((rule) => faultText(values, path, rule));
  if (of.kind === "structure")
    return [...faults, ...values.flatMap((value, index) => faultsOf(of, value, `${path}.${index + 1}.member`))];
  if (values.some((value) => brokenRules(of, value).length > 0))
    faults.push(faultText(values, path, `Member must satisfy constraint: [${rulesText(of)}]`));
  return faults;
}

function mapFaults(
  { key, value, secret }: MapShape,
  entries: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const fault = (constraint: string): string =>
    secret === true
      ? `Value at '${path}' failed to satisfy constraint: ${constraint}`
      : faultText(entries, path, constraint);
  const faults: string[] = [];
  if (Object.keys(entries).some((name) => brokenRules(key, name).length > 0))
    faults.push(fault(`Map keys must satisfy constraint: [${rulesText(key)}]`));
  if (Object.values(entries).some((entry) => brokenRules(value, entry).length > 0))
    faults.push(fault(`Map value must satisfy constraint: [${rulesText(value)}]`));
  return faults;
}

/** The rules a scalar breaks. */
function brokenRules(shape: Shape, value: unknown): readonly string[] {
  switch (shape.kind) {
    case "text":
      return textRules(shape, value as string);
    case "integer":
    case "number":
      return rangeRules(shape).flatMap(([broken, rule]) => (broken(value as number) ? [rule] : []));
    case "boolean":
    case "blob":
    case "list":
    case "map":
    case "structure":
      return [];
    default:
      return shape satisfies never;
  }
}

function textRules(shape: TextShape, value: string): readonly string[] {
  const rules = shape.values === undefined || shape.values.includes(value) ? [] : [valuesRule(shape.values)];
  if (shape.pattern !== undefined && !wholly(shape.pattern).test(value) && shape.except?.includes(value) !== true)
    rules.push(patternRule(shape.pattern));
  return [...rules, ...lengthRules(shape, value.length)];
}

/** Every rule of a member of a list or a map: AWS quotes all of them, whichever was broken. */
function rulesText(shape: Shape): string {
  const rules: string[] = [];
  if (shape.kind === "text") {
    if (shape.max !== undefined) rules.push(atMost("length", shape.max));
    if (shape.min !== undefined) rules.push(atLeast("length", shape.min));
    if (shape.pattern !== undefined) rules.push(patternRule(shape.pattern));
    if (shape.values !== undefined) rules.push(valuesRule(shape.values));
  }
  if (shape.kind === "number" || shape.kind === "integer") rules.push(...rangeRules(shape).map(([, rule]) => rule));
  return [...rules, "Member must not be null"].join(", ");
}

function rangeRules({ kind, min, max }: NumberShape): [(value: number) => boolean, string][] {
  const show = (limit: number): string => (kind === "number" ? limit.toFixed(1) : String(limit));
  const rules: [(value: number) => boolean, string][] = [];
  if (max !== undefined) rules.push([(value) => value > max, atMost("value", show(max))]);
  if (min !== undefined) rules.push([(value) => value < min, atLeast("value", show(min))]);
  return rules;
}

function lengthRules({ min, max }: { readonly min?: number; readonly max?: number }, length: number): string[] {
  if (max !== undefined && length > max) return [atMost("length", max)];
  if (min !== undefined && length < min) return [atLeast("length", min)];
  return [];
}

const atMost = (what: "length" | "value", limit: number | string): string =>
  `Member must have ${what} less than or equal to ${limit}`;
const atLeast = (what: "length" | "value", limit: number | string): string =>
  `Member must have ${what} greater than or equal to ${limit}`;
const valuesRule = (values: readonly string[]): string => `Member must satisfy enum value set: [${values.join(", ")}]`;
const patternRule = (pattern: string): string => `Member must satisfy regular expression pattern: ${pattern}`;

const compiled = new Map<string, RegExp>();

function wholly(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (expression === undefined) compiled.set(pattern, (expression = new RegExp(`^(?:${pattern})$`)));
  return expression;
}

/** As Java prints it, which AWS's validator is written in. */
function quoted(value: unknown): string {
  return value === undefined ? "null" : `'${printed(value)}'`;
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, entry]) => `${name}=${printed(entry)}`)
      .join(", ")}}`;
  return String(value);
}

/** `KMSKeyArn` becomes `kMSKeyArn`, as AWS has it. */
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
