/** The function of environments that were given none: it does what its event says, for tests of extensions. */
import { setTimeout } from "node:timers/promises";

/** What an event may ask for; done in this order. */
export interface StandInEvent {
  /** Lines to write. */
  readonly log?: string | readonly string[];
  /** Milliseconds to wait: longer than the timeout makes a time-out. */
  readonly waitMs?: number;
  /** Ends the process with this status. */
  readonly exit?: number;
  /** Message of an error to throw. */
  readonly error?: string;
  /** What to answer; default the event. */
  readonly answer?: unknown;
}

export async function handler(event: StandInEvent | null): Promise<unknown> {
  const { log = [], waitMs = 0, exit, error, answer = event } = event ?? {};
  for (const line of [log].flat()) process.stdout.write(`${line}\n`);
  if (waitMs > 0) await setTimeout(waitMs);
  if (exit !== undefined) process.exit(exit);
  if (error !== undefined) throw new Error(error);
  return answer;
}
