/** Time that passes when a test says so. */

/** Anything but zero, so that a time that was never set shows. */
export const startOfTime = 1_700_000_000_000;

export interface Task {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

export class SimulatedClock {
  /** Milliseconds since the epoch. */
  now = startOfTime;
  #tasks: readonly Task[] = [];
  #sequence = 0;

  at(at: number, run: () => void): Task {
    const task: Task = { at, sequence: this.#sequence++, run };
    this.#tasks = [...this.#tasks, task].toSorted((a, b) => a.at - b.at || a.sequence - b.sequence);
    return task;
  }

  later(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  cancel(task: Task | undefined): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  advance(ms: number): void {
    const until = this.now + ms;
    while (this.#tasks[0] !== undefined && this.#tasks[0].at <= until) this.#runNext();
    this.now = until;
  }

  /** Until nothing is due any more. */
  run(): void {
    for (let count = 0; this.#tasks.length > 0; count++) {
      if (count > 20_000) throw new Error("the simulation does not come to rest");
      this.#runNext();
    }
  }

  #runNext(): void {
    const [task, ...rest] = this.#tasks;
    if (task === undefined) return;
    this.#tasks = rest;
    this.now = Math.max(this.now, task.at);
    task.run();
  }
}
