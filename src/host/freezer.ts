/** Freezes and thaws the sandbox, unless one undoes the other at once. */
import { setImmediate } from "node:timers/promises";
import type { Sandbox } from "../sandbox/sandbox.ts";

/**
 * Freezes one turn of the event loop late, far within the 100 ms of LIFE-96: a caller that invokes again as soon as it
 * has its result comes within this turn, and to stop every process only to let it go on takes longer than an invocation.
 */
export class Freezer {
  readonly #sandbox: Pick<Sandbox, "freeze" | "thaw">;
  #wanted = false;
  #frozen = false;
  #last: Promise<void> = Promise.resolve();

  constructor(sandbox: Pick<Sandbox, "freeze" | "thaw">) {
    this.#sandbox = sandbox;
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

  async #freeze(): Promise<void> {
    this.#wanted = true;
    await setImmediate();
    if (!this.#wanted) return;
    this.#frozen = true;
    await this.#sandbox.freeze();
  }

  async #thaw(): Promise<void> {
    this.#wanted = false;
    if (!this.#frozen) return;
    this.#frozen = false;
    await this.#sandbox.thaw();
  }
}
