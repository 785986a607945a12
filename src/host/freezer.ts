/** Freezes and thaws the sandbox, unless one undoes the other at once. */
import { setImmediate, setTimeout } from "node:timers/promises";
import type { Sandbox } from "../sandbox/sandbox.ts";

/**
 * Freezes a little late, far within the 100 ms of LIFE-96: a caller that invokes again as soon as it has its result comes
 * within that time, and to stop every process only to let it go on takes longer than an invocation. Who calls from within
 * this process needs one turn of the event loop for it, who calls over HTTP some milliseconds.
 */
export class Freezer {
  readonly #sandbox: Pick<Sandbox, "freeze" | "thaw">;
  readonly #delayMs: number;
  /** The freeze that is wanted, one after the other; nothing when none is. */
  #wanted: object | undefined;
  #frozen = false;
  #last: Promise<void> = Promise.resolve();

  /** Without `delayMs` it is one turn of the event loop. */
  constructor(sandbox: Pick<Sandbox, "freeze" | "thaw">, delayMs = 0) {
    this.#sandbox = sandbox;
    this.#delayMs = delayMs;
  }

  /** Fulfilled when what was ordered so far is carried out. */
  get settled(): Promise<void> {
    return this.#last;
  }

  freeze(): Promise<void> {
    this.#last = this.#freeze();
    return this.#last;
  }

  thaw(): Promise<void> {
    this.#last = this.#thaw();
    return this.#last;
  }

  /** The processes are about to be ended: who is frozen cannot even die. */
  giveUp(): void {
    this.#wanted = undefined;
  }

  async #freeze(): Promise<void> {
    const own = {};
    this.#wanted = own;
    await (this.#delayMs === 0 ? setImmediate() : setTimeout(this.#delayMs));
    if (this.#wanted !== own) return;
    this.#frozen = true;
    await this.#sandbox.freeze();
  }

  async #thaw(): Promise<void> {
    this.#wanted = undefined;
    if (!this.#frozen) return;
    this.#frozen = false;
    await this.#sandbox.thaw();
  }
}
