/** Everything the service keeps, in memory: how it is asked, and how it changes. */
import type { FunctionRecord, LayerRecord } from "./records.ts";

/** How commands see the state. */
export interface ServiceView {
  readonly functionNamed: (region: string, name: string) => FunctionRecord | undefined;
  /** In one stable order, by name. */
  readonly functionsIn: (region: string) => readonly FunctionRecord[];
  readonly layerNamed: (region: string, name: string) => LayerRecord | undefined;
  readonly layersIn: (region: string) => readonly LayerRecord[];
  /** Highest version number that a function of this name had, also when it was deleted since (SVC-43). */
  readonly lastVersionOf: (region: string, name: string) => number;
}

export type Change =
  | { readonly kind: "function"; readonly record: FunctionRecord }
  | { readonly kind: "function deleted"; readonly record: FunctionRecord }
  | { readonly kind: "layer"; readonly record: LayerRecord };

/** A row of the database; `undefined` as value removes it. */
export interface Row {
  readonly kind: "function" | "deleted function" | "layer";
  readonly region: string;
  readonly name: string;
  readonly value: unknown;
}

/** A change as rows: all of one command's are written together or not at all. */
export function rowsOf(change: Change): readonly Row[] {
  const { region, name } = change.record;
  switch (change.kind) {
    case "function":
      return [{ kind: "function", region, name, value: change.record }];
    case "function deleted":
      return [
        { kind: "function", region, name, value: undefined },
        { kind: "deleted function", region, name, value: change.record.lastVersion },
      ];
    case "layer":
      return [{ kind: "layer", region, name, value: change.record }];
    default:
      return change satisfies never;
  }
}

export class ServiceState implements ServiceView {
  readonly #functions = new Map<string, FunctionRecord>();
  readonly #lastVersions = new Map<string, number>();
  readonly #layers = new Map<string, LayerRecord>();

  constructor(rows: Iterable<Row> = []) {
    for (const row of rows) this.#put(row);
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) for (const row of rowsOf(change)) this.#put(row);
  }

  readonly functionNamed = (region: string, name: string): FunctionRecord | undefined =>
    this.#functions.get(key(region, name));

  readonly functionsIn = (region: string): readonly FunctionRecord[] => recordsIn(this.#functions, region);

  readonly layerNamed = (region: string, name: string): LayerRecord | undefined => this.#layers.get(key(region, name));

  readonly layersIn = (region: string): readonly LayerRecord[] => recordsIn(this.#layers, region);

  readonly lastVersionOf = (region: string, name: string): number => this.#lastVersions.get(key(region, name)) ?? 0;

  /** Of every region. */
  allFunctions(): IterableIterator<FunctionRecord> {
    return this.#functions.values();
  }

  allLayers(): IterableIterator<LayerRecord> {
    return this.#layers.values();
  }

  #put({ kind, region, name, value }: Row): void {
    const at = key(region, name);
    switch (kind) {
      case "function":
        if (value === undefined) this.#functions.delete(at);
        else this.#functions.set(at, value as FunctionRecord);
        break;
      case "deleted function":
        this.#lastVersions.set(at, value as number);
        break;
      case "layer":
        this.#layers.set(at, value as LayerRecord);
        break;
      default:
        kind satisfies never;
    }
  }
}

/** No region has a blank in it. */
const key = (region: string, name: string): string => `${region} ${name}`;

const recordsIn = <R extends FunctionRecord | LayerRecord>(records: Map<string, R>, region: string): readonly R[] =>
  [...records.values()].filter((record) => record.region === region).sort((a, b) => (a.name < b.name ? -1 : 1));
