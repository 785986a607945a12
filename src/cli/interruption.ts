/** Ctrl-C and its sisters: the first signal stops everything in order, the second at once (LIFE-80). */
import { signalExitCodes } from "./exit-codes.ts";

type Signal = keyof typeof signalExitCodes;

const signals = Object.keys(signalExitCodes) as Signal[];

/** After a kill nothing should take long; what is left then is the guardian's. */
const longestKillMs = 3000;

export interface Stoppable {
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export class Interruption {
  #signal: Signal | undefined;
  #target: Stoppable | undefined;
  #stopped: Promise<void> | undefined;
  readonly #tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /** The first signal that came. */
  get signal(): Signal | undefined {
    return this.#signal;
  }

  get exitCode(): number | undefined {
    return this.#signal === undefined ? undefined : signalExitCodes[this.#signal];
  }

  /** From now on there is something to stop; a signal that came before stops it now. */
  guard(target: Stoppable): void {
    this.#target = target;
    if (this.#signal !== undefined) this.#stop(target);
  }

  /** Fulfilled when what was stopped is gone; at once when nothing was. */
  async settled(): Promise<void> {
    await this.#stopped;
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#signal === undefined) {
      this.#signal = signal as Signal;
      this.#tell(`${signal}: shutting down; once more to end everything at once.`);
      if (this.#target !== undefined) this.#stop(this.#target);
      return;
    }
    this.#tell(`${signal} again: ending everything at once.`);
    const exit = (): never => process.exit(signalExitCodes[this.#signal ?? "SIGINT"]);
    if (this.#target === undefined) exit();
    setTimeout(exit, longestKillMs).unref();
    this.#target?.kill().then(exit, exit);
  };

  #stop(target: Stoppable): void {
    this.#stopped = target.stop();
  }
}
