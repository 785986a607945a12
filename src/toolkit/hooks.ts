/** Runs what a person wrote: it may throw, and it may not be done in time, without taking the function down. */
import type { Deadline } from "./deadline.ts";
import { ExtensionError, reasonOf } from "./extension-error.ts";

export type Problems = (problem: ExtensionError) => void;

/** Waits for the hook until `marginMs` before its deadline; a hook that is late goes on by itself. */
export async function runHook(
  name: string,
  hook: () => Promise<void> | void,
  deadline: Deadline,
  marginMs: number,
  problems: Problems,
): Promise<"done" | "late"> {
  let overrun: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    overrun = setTimeout(() => resolve("late"), Math.max(0, deadline.remainingMs() - marginMs));
  });
  const work = Promise.resolve().then(hook);
  try {
    if ((await Promise.race([work, late])) === "late") {
      work.catch((error: unknown) => problems(hookFailed(name, error)));
      problems(new ExtensionError("hook-overran", `${name} was not done ${marginMs} ms before its deadline`));
      return "late";
    }
  } catch (error) {
    problems(hookFailed(name, error));
  } finally {
    clearTimeout(overrun);
  }
  return "done";
}

export const hookFailed = (name: string, error: unknown): ExtensionError =>
  new ExtensionError("hook-failed", `${name} failed: ${reasonOf(error)}`, { cause: error });

/** A hook that is called with one batch after the other, each when the last one is done. */
export function inTurn<Batch>(name: string, hook: (batch: Batch) => Promise<void> | void, problems: Problems) {
  let last = Promise.resolve();
  return {
    add(batch: Batch): void {
      last = last.then(() => hook(batch)).catch((error: unknown) => problems(hookFailed(name, error)));
    },
    /** Fulfilled when all batches so far are worked on. */
    done: (): Promise<void> => last,
  };
}
