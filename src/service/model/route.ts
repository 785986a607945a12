/** From method, path and query to an operation of the model. */
import { operations, type OperationName } from "./operations.ts";
import { unofferedOperations } from "./unoffered-operations.ts";

export type Route =
  | { readonly kind: "offered"; readonly name: OperationName; readonly labels: Readonly<Record<string, string>> }
  /** In the model, and refused by name (SVC-268). */
  | { readonly kind: "unoffered"; readonly name: string }
  | { readonly kind: "unknown" };

interface Candidate {
  readonly name: string;
  readonly offered: boolean;
  readonly method: string;
  readonly segments: readonly string[];
  readonly when: Readonly<Record<string, string>>;
}

/** `path` as it was sent: labels are decoded here, once (SVC-15). */
export function route(method: string, path: string, query: URLSearchParams): Route {
  // SVC-14: older clients end a path with a slash.
  const segments = (path.endsWith("/") ? path.slice(0, -1) : path).split("/");
  // SVC-16: a query is matched by its names, whatever their order.
  const found = candidates.find(
    (candidate) =>
      candidate.method === method &&
      fits(candidate.segments, segments) &&
      Object.entries(candidate.when).every(([name, value]) => query.get(name) === value),
  );
  if (found === undefined) return { kind: "unknown" };
  if (!found.offered) return { kind: "unoffered", name: found.name };
  return { kind: "offered", name: found.name as OperationName, labels: labelsOf(found.segments, segments) };
}

const fits = (template: readonly string[], segments: readonly string[]): boolean =>
  template.length === segments.length &&
  template.every((part, index) => (isLabel(part) ? segments[index] !== "" : part === segments[index]));

const isLabel = (part: string): boolean => part.startsWith("{");

function labelsOf(template: readonly string[], segments: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [index, part] of template.entries())
    if (isLabel(part)) labels[part.slice(1, -1)] = decoded(segments[index]!);
  return labels;
}

/** What is no percent-encoding stays as it is: no pattern of the model allows a percent sign. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const split = (path: string): readonly string[] => path.split("/");

const candidates: readonly Candidate[] = [
  ...Object.entries(operations).map(([name, { method, path, when = {} }]) => ({
    name,
    offered: true,
    method,
    segments: split(path),
    when,
  })),
  ...Object.entries(unofferedOperations).map(([name, route]) => {
    const [method = "", path = ""] = route.split(" ");
    return { name, offered: false, method, segments: split(path), when: {} };
  }),
  // Those that ask for something in the query come before those of the same path that do not.
].sort((a, b) => Object.keys(b.when).length - Object.keys(a.when).length);
