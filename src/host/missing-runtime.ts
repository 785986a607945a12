/** Whether this machine can run a runtime, for those that may not look for interpreters themselves. */
import { LambdariumError } from "../errors.ts";
import { findRuntime } from "../runtimes/find-runtime.ts";

/** Why it cannot; nothing when it can. What was found is remembered for the life of the process. */
export async function missingRuntime(identifier: string): Promise<string | undefined> {
  try {
    await findRuntime(identifier);
    return undefined;
  } catch (error) {
    if (!(error instanceof LambdariumError)) throw error;
    return error.code === "runtime-unknown"
      ? `This service has no program for the runtime ${identifier}. ${error.hint}`
      : `${error.message} ${error.hint}`;
  }
}
