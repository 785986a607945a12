/** The request of the protocol `query`: flat names such as `MetricData.member.1.Value` as nested values. */
import type { Form } from "./shapes.ts";

interface Node {
  value?: string;
  readonly below: Map<string, Node>;
}

/** What the fields mean for a shape; its scalars stay strings. */
export function fromForm(fields: URLSearchParams, form: Form): unknown {
  const root: Node = { below: new Map() };
  for (const [name, value] of fields) {
    let node = root;
    for (const part of name.split(".")) {
      const next: Node = node.below.get(part) ?? { below: new Map() };
      node.below.set(part, next);
      node = next;
    }
    node.value = value;
  }
  return nested(root, form);
}

function nested(node: Node, form: Form): unknown {
  switch (form.form) {
    case "structure":
      return Object.fromEntries(
        Object.entries(form.members).flatMap(([name, member]) => {
          const below = node.below.get(name);
          return below === undefined ? [] : [[name, nested(below, member)]];
        }),
      );
    case "list":
      // An empty list is sent as the bare name with an empty value.
      return numbered(node.below.get("member") ?? node).map((item) => nested(item, form.of));
    case "map":
      return Object.fromEntries(
        numbered(node.below.get("entry") ?? node).map((entry) => [
          entry.below.get("key")?.value ?? "",
          nested(entry.below.get("value") ?? { below: new Map() }, form.of),
        ]),
      );
    case "string":
    case "integer":
    case "double":
    case "boolean":
    case "timestamp":
      return node.value;
    default:
      return form satisfies never;
  }
}

const numbered = ({ below }: Node): readonly Node[] =>
  [...below]
    .filter(([name]) => /^\d+$/.test(name))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, node]) => node);
