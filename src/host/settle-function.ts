/** From a function whose code lies ready, and of which everything is known but its interpreter, to one that can be run. */
import { findRuntime } from "../runtimes/find-runtime.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { placeholderCredentials } from "./placeholder-credentials.ts";

export interface FunctionFacts extends Omit<HostedFunction, "runtime" | "credentials" | "framedLog"> {
  /** Runtime identifier such as `nodejs22.x`. */
  readonly runtimeIdentifier: string;
}

/** @throws LambdariumError `runtime-unknown`, `interpreter-missing` */
export async function settleFunction({ runtimeIdentifier, ...facts }: FunctionFacts): Promise<HostedFunction> {
  const runtime = await findRuntime(runtimeIdentifier);
  return { ...facts, runtime, credentials: placeholderCredentials, framedLog: true };
}
