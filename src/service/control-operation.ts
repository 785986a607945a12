/** How every operation of the control plane is written: what it is given, and what it gives back. */
import type { PackageSource } from "./code/package-source.ts";
import type { Pools } from "./directory.ts";
import type { ServiceSettings } from "./settings.ts";
import type { CodeMeasure, CodeReference, LayerVersionRecord } from "./state/records.ts";
import type { Change, ServiceView } from "./state/service-state.ts";

/** Everything a command may look at; time and chance are among it. */
export interface ControlCall {
  readonly region: string;
  readonly accountId: string;
  readonly settings: ServiceSettings;
  readonly nowMs: number;
  /** A fresh UUID. */
  readonly newId: () => string;
  readonly view: ServiceView;
  readonly pools: Pools | undefined;
  /** Where the client found us, for addresses that lead back here: `http://127.0.0.1:9070`. */
  readonly endpoint: string;
  readonly linkTo: (code: CodeReference) => string;
  /** SVC-126: layer versions of other accounts, by ARN. */
  readonly mappedLayers: ReadonlyMap<string, LayerVersionRecord>;
}

export interface Answer {
  /** Absent members are left out (SVC-04). */
  readonly body?: object;
  /** Kept, all or none, before the answer is sent. */
  readonly changes?: readonly Change[];
}

/** What lies outside of the state and takes its time. */
export interface Sources {
  /** @throws Refusal */
  readonly receive: (source: PackageSource) => Promise<CodeReference>;
  /** A stored copy of a live directory. @throws Refusal */
  readonly copy: (directory: string) => Promise<CodeReference>;
  /** @throws Refusal */
  readonly measure: (directory: string) => Promise<CodeMeasure>;
  /** Why no program on this machine runs that runtime; nothing when one does (SVC-62). */
  readonly missingRuntime: (runtime: string) => Promise<string | undefined>;
}

/**
 * Decides at once, or first gathers what takes its time and then decides on the state as it is by then: nothing comes between a
 * decision and its being kept.
 */
export type ControlOperation<Input> = (
  input: Input,
  call: ControlCall,
  sources: Sources,
) => Answer | Promise<() => Answer>;

export const gathering =
  <Input, Gathered>(
    gather: (input: Input, call: ControlCall, sources: Sources) => Promise<Gathered>,
    decide: (input: Input, call: ControlCall, gathered: Gathered) => Answer,
  ): ControlOperation<Input> =>
  async (input, call, sources) => {
    const gathered = await gather(input, call, sources);
    return () => decide(input, call, gathered);
  };
