/** The JSON document of `lambdarium compare --json`. */
import type { EnvironmentSnapshot } from "../testing/snapshot.ts";
import type { ComparedSize } from "./comparison.ts";

export interface ComparedRun {
  readonly functionName: string;
  readonly runtime: string;
  readonly sandbox: string;
  readonly capabilities: EnvironmentSnapshot["capabilities"];
  /** Names of those that were started. */
  readonly extensions: readonly string[];
  /** Fresh environments of each kind. */
  readonly rounds: number;
  /** Of each environment. */
  readonly invocations: number;
  readonly functionErrors: number;
  readonly sizes: readonly ComparedSize[];
}

export function comparisonDocument(run: ComparedRun): string {
  const { functionName, runtime, sandbox, capabilities, extensions, rounds, invocations, functionErrors, sizes } = run;
  // The order of a document that a person may read: what it is about, then the figures.
  const document = {
    functionName,
    runtime,
    sandbox,
    capabilities,
    extensions,
    rounds,
    invocations,
    functionErrors,
    sizes,
  };
  return JSON.stringify(document, undefined, 2);
}
