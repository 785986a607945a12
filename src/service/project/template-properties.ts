/** The properties of one resource, each read as what it shall be; what cannot be is told with its line. */
import { type Located, memberOf } from "./located.ts";
import type { Place } from "./project.ts";
import type { Resolved, Value } from "./template-value.ts";
import type { TemplateValues } from "./template-values.ts";

export interface PropertySource {
  readonly logicalId: string;
  readonly resource: Located;
  readonly place: Place;
  readonly values: TemplateValues;
  /** All resources of the template, for those that a property names. */
  readonly resources: Located | undefined;
  /** What paths in the template are relative to. */
  readonly directory: string;
  /** Paths by the keys under which their content would lie in S3. */
  readonly assets: ReadonlyMap<string, string>;
  readonly find: (place: Place, what: string) => void;
}

export class PropertyReader {
  readonly #source: PropertySource;
  readonly properties: Located | undefined;

  constructor(source: PropertySource) {
    this.#source = source;
    this.properties = memberOf(source.resource, "Properties");
  }

  get logicalId(): string {
    return this.#source.logicalId;
  }

  get place(): Place {
    return this.#source.place;
  }

  get directory(): string {
    return this.#source.directory;
  }

  get assets(): ReadonlyMap<string, string> {
    return this.#source.assets;
  }

  get resource(): Located {
    return this.#source.resource;
  }

  /** A reader for another resource of the template. */
  of(logicalId: string): PropertyReader | undefined {
    const resource = memberOf(this.#source.resources, logicalId);
    return resource === undefined
      ? undefined
      : new PropertyReader({ ...this.#source, logicalId, resource, place: resource.place });
  }

  has(name: string): boolean {
    return this.node(name) !== undefined;
  }

  /** `Environment.Variables` is a path of members. */
  node(name: string): Located | undefined {
    return name.split(".").reduce((node, member) => memberOf(node, member), this.properties);
  }

  find(name: string, what: string): void {
    this.#source.find(this.node(name)?.place ?? this.place, what);
  }

  value(name: string): Value | undefined {
    const node = this.node(name);
    return node === undefined ? undefined : this.#known(name, this.#source.values.resolve(node));
  }

  text(name: string): string | undefined {
    const node = this.node(name);
    return node === undefined ? undefined : this.#known(name, this.#source.values.resolveText(node));
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (Number.isFinite(number) && text !== "") return number;
    this.find(name, `${name} of ${this.logicalId} is a number, not ${JSON.stringify(text)}; it is left out`);
    return undefined;
  }

  numberIn(name: string, member: string): number | undefined {
    return this.has(name) ? this.number(`${name}.${member}`) : undefined;
  }

  /** Each member that is known, as text. */
  texts(name: string): Record<string, string> {
    const node = this.node(name);
    const texts: Record<string, string> = {};
    if (node?.kind !== "map") return texts;
    for (const [member, { node: inner }] of node.members) {
      const value = this.#known(`${name}.${member}`, this.#source.values.resolveText(inner));
      if (value !== undefined) texts[member] = value;
    }
    return texts;
  }

  /** The items of a list that are known; a list that is itself a call is resolved as a whole. */
  list(name: string): { readonly value: Value; readonly place: Place }[] {
    const node = this.node(name);
    if (node === undefined) return [];
    if (node.kind === "list")
      return node.items.flatMap((item) => {
        const value = this.#known(name, this.#source.values.resolve(item));
        return value === undefined ? [] : [{ value, place: item.place }];
      });
    const value = this.#known(name, this.#source.values.resolve(node));
    if (value === undefined) return [];
    return (Array.isArray(value) ? (value as readonly Value[]) : [value]).map((item) => ({
      value: item,
      place: node.place,
    }));
  }

  #known<T extends Value>(name: string, resolved: Resolved<T>): T | undefined {
    if (resolved.kind === "known") return resolved.value;
    if (resolved.kind === "unknown")
      this.#source.find(resolved.place, `${name} of ${this.logicalId} is left out: ${resolved.why}`);
    return undefined;
  }
}
