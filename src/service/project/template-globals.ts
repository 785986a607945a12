/** SAM's `Globals`: what functions have in common. */
import type { Located, LocatedMap } from "./located.ts";

/** The resource with the common properties below its own: maps are merged, lists begin with the common ones. */
export function withGlobals(resource: Located, globals: Located | undefined): Located {
  if (resource.kind !== "map" || globals === undefined) return resource;
  const own = resource.members.get("Properties");
  const empty: LocatedMap = { kind: "map", members: new Map(), place: resource.place };
  const properties = merged(globals, own?.node ?? empty);
  const members = new Map(resource.members).set("Properties", { key: own?.key ?? resource.place, node: properties });
  return { ...resource, members };
}

function merged(common: Located, own: Located): Located {
  if (common.kind === "list" && own.kind === "list") return { ...own, items: [...common.items, ...own.items] };
  if (common.kind !== "map" || own.kind !== "map" || isCall(common) || isCall(own)) return own;
  const members = new Map(common.members);
  for (const [name, member] of own.members) {
    const shared = members.get(name);
    members.set(name, shared === undefined ? member : { ...member, node: merged(shared.node, member.node) });
  }
  return { ...own, members };
}

/** `Ref` and functions are values, not maps. */
function isCall(node: LocatedMap): boolean {
  const [name] = node.members.keys();
  return node.members.size === 1 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"));
}
