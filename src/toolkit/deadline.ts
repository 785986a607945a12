/** Time limits that know of Lambda's deadlines, and of the freeze. */
import { ExtensionError } from "./extension-error.ts";

/** Work that has a deadline: what a hook is given. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Aborted when the deadline has passed, with an ExtensionError `deadline-passed`. */
  readonly signal: AbortSignal;
  /** Milliseconds left, never below 0. */
  remainingMs(): number;
}

/** A deadline, and the way to forget it when the work is done. */
export function deadlineAt(deadlineMs: number): Deadline & { readonly done: () => void } {
  const controller = new AbortController();
  const pass = (): void => controller.abort(new ExtensionError("deadline-passed", "the time Lambda gave is over"));
  const timer = setTimeout(pass, Math.min(Math.max(0, deadlineMs - Date.now()), longestTimerMs));
  timer.unref();
  return {
    deadlineMs,
    signal: controller.signal,
    remainingMs: () => Math.max(0, deadlineMs - Date.now()),
    done: () => clearTimeout(timer),
  };
}

/** What `setTimeout` can hold; no invocation lasts that long. */
const longestTimerMs = 2_147_483_647;

/** Later than that, a timer was held up: the environment was frozen, or the processor was taken away. */
const heldUpMs = 100;

/**
 * Calls back after so many milliseconds in which the process ran. The clocks go on through a freeze (LIFE-99), and timers
 * that ran out meanwhile fire before anything is read from a connection: what came in time would be taken for late. A
 * timer that fires late therefore gives the connections `graceMs` to speak.
 */
export function afterAwakeMs(ms: number, passed: () => void, graceMs = 250): () => void {
  const due = Date.now() + ms;
  let timer = setTimeout(() => {
    if (Date.now() - due < heldUpMs) passed();
    else timer = setTimeout(passed, graceMs);
  }, ms);
  return () => clearTimeout(timer);
}
