/** The control plane: keeps the state, carries operations out on it one after the other, brings deployments to their end. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../host/clock.ts";
import { missingRuntime } from "../host/missing-runtime.ts";
import { CodeLinks } from "./code/code-links.ts";
import { CodeStore, type FoundZip } from "./code/code-store.ts";
import { linkSecret } from "./code/link-secret.ts";
import { receivePackage } from "./code/package-source.ts";
import { UnneededCode } from "./code/unneeded-code.ts";
import type { Answer, ControlCall, ControlOperation, Sources } from "./control-operation.ts";
import { operationsByName } from "./control-operations.ts";
import type { FunctionChange, FunctionDirectory, Pools } from "./directory.ts";
import { renewed, settled } from "./functions/deployment.ts";
import { functionDirectory } from "./functions/function-directory.ts";
import type { ExtensionFile } from "./functions/function-version.ts";
import { readLayerSources } from "./layers/layer-sources.ts";
import type { ControlOperationName, Input } from "./model/operations.ts";
import { checkedInput } from "./model/read-input.ts";
import { refusal } from "./refusal.ts";
import type { ServiceSettings } from "./settings.ts";
import { damagedPackages } from "./state/damaged-packages.ts";
import { keptCode } from "./state/kept-code.ts";
import type { FunctionRecord, LayerVersionRecord } from "./state/records.ts";
import { type Change, rowsOf, ServiceState } from "./state/service-state.ts";
import { openStateDatabase, type StateDatabase } from "./state/state-database.ts";

/** Where a request comes from, as far as answers depend on it. */
export interface Caller {
  readonly region: string;
  /** `http://127.0.0.1:9070`, for addresses that lead back here. */
  readonly endpoint: string;
}

export interface ControlPlaneOptions {
  readonly settings: ServiceSettings;
  readonly clock: Clock;
  /** For tests of what a machine without a runtime's program does; this machine is looked at by default. */
  readonly missingRuntime?: (runtime: string) => Promise<string | undefined>;
  /** Told what the developer should know. */
  readonly tell?: (line: string) => void;
}

/** @throws LambdariumError when the data directory or a layer source cannot be used. */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dataDir, layerSources } = options.settings;
  const database = dataDir === undefined ? undefined : await openStateDatabase(dataDir);
  try {
    const state = new ServiceState(database?.rows());
    const store = await CodeStore.open(dataDir);
    await store.removeLitter();
    for (const damage of await damagedPackages(state, store)) options.tell?.(damage);
    const mappedLayers = await readLayerSources(layerSources, store, options.clock.now());
    const links = new CodeLinks(await linkSecret(dataDir));
    const controlPlane = new ControlPlane(options, { state, database, store, mappedLayers, links });
    await controlPlane.removeOldCode();
    return controlPlane;
  } catch (error) {
    database?.close();
    throw error;
  }
}

interface Parts {
  readonly state: ServiceState;
  readonly database: StateDatabase | undefined;
  readonly store: CodeStore;
  readonly mappedLayers: ReadonlyMap<string, LayerVersionRecord>;
  readonly links: CodeLinks;
}

export class ControlPlane {
  readonly settings: ServiceSettings;
  readonly directory: FunctionDirectory;
  readonly #clock: Clock;
  readonly #parts: Parts;
  readonly #sources: Sources;
  readonly #unneeded: UnneededCode;
  readonly #listeners = new Set<(change: FunctionChange) => void>();
  readonly #extensionFiles = new Map<string, readonly ExtensionFile[]>();
  /** Calls off what waits for the end of a deployment, by function. */
  readonly #waiting = new Map<string, () => void>();
  #pools: Pools | undefined;
  /** Operations under way. */
  #performing = 0;
  #closed = false;

  constructor(options: ControlPlaneOptions, parts: Parts) {
    const { settings, clock, missingRuntime: missing = missingRuntime, tell = () => {} } = options;
    this.settings = settings;
    this.#clock = clock;
    this.#parts = parts;
    const { state, store, mappedLayers } = parts;
    this.#sources = {
      receive: (source) => {
        // The operation may be refused yet: then nobody needs what it brought.
        this.#unneeded.changed();
        return receivePackage(source, store, settings.s3Endpoint);
      },
      copy: (directory) => store.addCopy(directory),
      measure: (directory) => store.measure(directory),
      missingRuntime: missing,
    };
    this.directory = functionDirectory({
      accountId: settings.accountId,
      state,
      directoryOf: (code) => store.directoryOf(code),
      extensionFiles: (region, name) => this.#extensionFiles.get(`${region} ${name}`) ?? [],
      newId: randomUUID,
      keep: (record) => this.#keep([{ kind: "function", record }]),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    });
    this.#unneeded = new UnneededCode({
      store,
      clock,
      kept: () => keptCode(state, mappedLayers),
      inUse: () => this.#pools?.directoriesInUse() ?? new Set(),
      isBusy: () => this.#performing > 0,
      faulted: (cause) => tell(`Code that nothing needs any more could not be removed: ${String(cause)}`),
    });
    for (const record of state.allFunctions()) this.#await(record);
  }

  /** Before the first call: what was left by a process before this one. */
  removeOldCode(): Promise<void> {
    return this.#unneeded.removeOld();
  }

  /** Who knows how far provisioned environments are; without, all are on their way for ever. */
  usePools(pools: Pools): void {
    this.#pools = pools;
  }

  /**
   * Carries one operation out; `input` is what a client sends as JSON. What it changed is on disk when it returns.
   * @throws Refusal for everything a client is told as an error.
   */
  async perform<Name extends ControlOperationName>(name: Name, input: Input<Name>, caller: Caller): Promise<object> {
    return this.performChecked(name, checkedInput(name, input), caller);
  }

  /** As `perform`, for an input that has passed the model. */
  async performChecked(name: ControlOperationName, input: object, caller: Caller): Promise<object> {
    const operation = operationsByName[name] as ControlOperation<object>;
    this.#performing += 1;
    try {
      const first = operation(input, this.#call(caller), this.#sources);
      // Between the decision and its being kept nothing else may run.
      const answer: Answer = first instanceof Promise ? (await first)() : first;
      if (answer.changes !== undefined) this.#keep(answer.changes);
      return answer.body ?? {};
    } finally {
      this.#performing -= 1;
    }
  }

  /** Replaces the environments of `$LATEST` as an update would, since files it reads have changed. */
  redeploy(region: string, name: string): void {
    const record = this.#parts.state.functionNamed(region, name);
    if (record?.running === undefined) return;
    this.#keep([{ kind: "function", record: renewed(record, record.running, randomUUID()) }]);
  }

  /** External extensions of a project file, beside those of layers; not kept on disk. */
  setExtensionFiles(region: string, name: string, files: readonly ExtensionFile[]): void {
    this.#extensionFiles.set(`${region} ${name}`, files);
    this.redeploy(region, name);
  }

  /** Goes back, when it is called, to what the function is now: with its versions, aliases and settings, or not at all. */
  remember(region: string, name: string): () => void {
    const before = this.#parts.state.functionNamed(region, name);
    const extensionFiles = this.#extensionFiles.get(`${region} ${name}`);
    return () => {
      const now = this.#parts.state.functionNamed(region, name);
      if (extensionFiles === undefined) this.#extensionFiles.delete(`${region} ${name}`);
      else this.#extensionFiles.set(`${region} ${name}`, extensionFiles);
      if (now === undefined || now === before) return;
      // SVC-104: a number that was used once is used.
      const { lastVersion } = now;
      this.#keep([
        before === undefined
          ? { kind: "function deleted", record: now }
          : { kind: "function", record: { ...before, lastVersion } },
      ]);
    };
  }

  /** Whether the alias with this ARN leads to several versions (OBS-42). */
  isWeighted(functionArn: string): boolean {
    const [, , , region = "", , , name = "", alias = ""] = functionArn.split(":");
    return this.#parts.state.functionNamed(region, name)?.aliases[alias]?.weight !== undefined;
  }

  /** The zip a link of ours leads to; `gone` also when the link is none of ours or over. */
  async download(path: string, query: URLSearchParams): Promise<FoundZip> {
    const source = this.#parts.links.follow(path, query, this.#clock.now());
    return source === undefined ? { kind: "gone" } : this.#parts.store.zipOf(source);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unneeded.close();
    for (const callOff of this.#waiting.values()) callOff();
    await this.#parts.store.close();
    this.#parts.database?.close();
  }

  #call({ region, endpoint }: Caller): ControlCall {
    const { state, mappedLayers } = this.#parts;
    const clock = this.#clock;
    return {
      region,
      accountId: this.settings.accountId,
      settings: this.settings,
      // Asked for when it is needed: packages take their time to arrive.
      get nowMs() {
        return Math.round(clock.now());
      },
      newId: randomUUID,
      view: state,
      pools: this.#pools,
      endpoint,
      linkTo: (code) => endpoint + this.#parts.links.linkTo(code, clock.now()),
      mappedLayers,
    };
  }

  #keep(changes: readonly Change[]): void {
    // Disk first: what cannot be kept has not happened.
    try {
      this.#parts.database?.write(changes.flatMap((change) => [...rowsOf(change)]));
    } catch (error) {
      const why = (error as Error).message;
      throw refusal("ServiceException", `The change could not be kept in ${this.settings.dataDir}: ${why}.`);
    }
    this.#parts.state.apply(changes);
    this.#unneeded.changed();
    for (const change of changes) {
      if (change.kind === "layer") continue;
      const { region, name } = change.record;
      for (const listener of this.#listeners) listener({ region, name });
      this.#await(change.record);
    }
  }

  /** Brings the deployment to its end when its time has come, which is at once without `deployDelayMs` (SVC-82). */
  #await({ region, name }: FunctionRecord): void {
    const key = `${region} ${name}`;
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
    const settle = (): void => {
      this.#waiting.delete(key);
      const now = this.#parts.state.functionNamed(region, name);
      if (now?.settling === undefined || this.#closed) return;
      this.#keep([{ kind: "function", record: settled(now, { newId: randomUUID }) }]);
    };
    const { settling } = this.#parts.state.functionNamed(region, name) ?? {};
    if (settling === undefined) return;
    if (settling.atMs <= Math.round(this.#clock.now())) settle();
    else this.#waiting.set(key, this.#clock.at(settling.atMs, settle));
  }
}
