/** JSON or YAML with the line of everything in it; CloudFormation's short tags are written out. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Place } from "./project.ts";

export type Located = LocatedScalar | LocatedList | LocatedMap;

interface LocatedScalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes: `1.0` stays `1.0`. */
  readonly text: string;
  readonly place: Place;
}

interface LocatedList {
  readonly kind: "list";
  readonly items: readonly Located[];
  readonly place: Place;
}

export interface LocatedMap {
  readonly kind: "map";
  readonly members: ReadonlyMap<string, LocatedMember>;
  readonly place: Place;
}

interface LocatedMember {
  readonly key: Place;
  readonly node: Located;
}

/** The text is neither JSON nor YAML, or has no one meaning. */
export class TextFault extends Error {
  readonly place: Place;

  constructor(place: Place, what: string) {
    super(what);
    this.place = place;
  }
}

/** @throws TextFault */
export function locate(text: string): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // CloudFormation reads YAML 1.1, in which `on` is true; dates are texts to it.
    version: "1.1",
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === "string" || !/(timestamp|binary|set|omap|pairs)$/.test(tag.tag)),
    prettyErrors: false,
    logLevel: "silent",
    maxAliasCount: 1000,
  } as Parameters<typeof parseDocument>[1]);
  const fault = document.errors[0];
  if (fault !== undefined) throw new TextFault(placeAt(lines, fault.pos[0]), fault.message);
  return new Converter(document, lines).convert(document.contents, { line: 1, column: 1 });
}

const placeAt = (lines: LineCounter, offset: number): Place => {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
};

class Converter {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #done = new Map<Node, Located>();
  readonly #open = new Set<Node>();

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  convert(node: Node | null, above: Place): Located {
    if (node === null) return { kind: "scalar", value: null, text: "", place: above };
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    const place = node.range ? placeAt(this.#lines, node.range[0]) : above;
    if (this.#open.has(node)) throw new TextFault(place, "this contains itself");
    this.#open.add(node);
    const converted = tagged(node.tag, this.#plain(node, place));
    this.#open.delete(node);
    this.#done.set(node, converted);
    return converted;
  }

  #plain(node: Node, place: Place): Located {
    if (isAlias(node)) {
      const meant = node.resolve(this.#document);
      if (meant === undefined) throw new TextFault(place, `there is no anchor &${node.source}`);
      return this.convert(meant, place);
    }
    if (isSeq(node)) return { kind: "list", items: node.items.map((item) => this.convert(item as Node, place)), place };
    if (isMap(node)) return { kind: "map", members: this.#members(node.items, place), place };
    if (!isScalar(node)) throw new TextFault(place, "this is neither a value, a list nor a map");
    const { value, source } = node;
    const simple = typeof value === "bigint" ? Number(value) : (value as LocatedScalar["value"]);
    return {
      kind: "scalar",
      value: simple,
      text: typeof simple === "string" ? simple : (source ?? String(simple)),
      place,
    };
  }

  #members(pairs: readonly { key: unknown; value: unknown }[], above: Place): Map<string, LocatedMember> {
    const members = new Map<string, LocatedMember>();
    for (const { key, value } of pairs) {
      const name = this.convert(key as Node | null, above);
      if (name.kind !== "scalar") throw new TextFault(name.place, "the name of a member is a text");
      const node = this.convert(value as Node | null, name.place);
      if (name.text === "<<" && node.kind === "map")
        for (const [inner, member] of node.members) members.set(inner, member);
      else members.set(name.text, { key: name.place, node });
    }
    return members;
  }
}

/** `!Sub x` is short for `{"Fn::Sub": x}`. */
function tagged(tag: string | undefined, node: Located): Located {
  if (tag === undefined || !tag.startsWith("!")) return node;
  const name = tag.slice(1);
  const long = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  return { kind: "map", members: new Map([[long, { key: node.place, node }]]), place: node.place };
}

/** What it would be without places. */
export function plainValue(node: Located): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plainValue);
    case "map":
      return Object.fromEntries([...node.members].map(([name, member]) => [name, plainValue(member.node)]));
    default:
      return node satisfies never;
  }
}

export const memberOf = (node: Located | undefined, name: string): Located | undefined =>
  node?.kind === "map" ? node.members.get(name)?.node : undefined;
