/** The log of an environment as CloudWatch gets it: an array that grows, and something to iterate over while it does. */
import type { HostedFunction } from "../host/hosted-function.ts";
import { type LoggedEvent, loggedEvents, messageTest } from "../host/logged-events.ts";
import type { Records } from "../host/records.ts";

/** One log event, in the order in which it was accepted. */
export type LogEvent = LoggedEvent;

/** The events so far; each access to `environment.logs` brings it up to date. */
export class LogsView extends Array<LogEvent> {
  /** What `filter`, `map` and the like give is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Default `/aws/lambda/` and the function's name. */
  readonly group: string;
  /** Such as `2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef`. */
  readonly stream: string;
  readonly #records: Records;
  readonly #hosted: HostedFunction;
  #seen = 0;
  /** Of each event, which record it is from. */
  readonly #origins: number[] = [];

  constructor(records: Records, hosted: HostedFunction, stream: string) {
    super();
    this.#records = records;
    this.#hosted = hosted;
    this.group = hosted.logGroup;
    this.stream = stream;
  }

  refresh(): this {
    const { count, forgotten } = this.#records;
    for (let next = Math.max(this.#seen, forgotten); next < count; next++) {
      const record = this.#records.at(next);
      for (const event of record === undefined ? [] : loggedEvents(record, this.#hosted)) {
        this.push(event);
        this.#origins.push(next);
      }
    }
    this.#seen = count;
    // What the environment forgot of a flood is forgotten here too.
    const kept = this.#origins.findIndex((origin) => origin >= forgotten);
    if (kept > 0) {
      this.splice(0, kept);
      this.#origins.splice(0, kept);
    }
    return this;
  }

  /**
   * The events that one of CloudWatch's filter patterns matches, such as `?ERROR ?WARN` or `{ $.level = "ERROR" }`.
   * @throws LambdariumError `filter-pattern-invalid`
   */
  matching(pattern: string): readonly LogEvent[] {
    const matches = messageTest(pattern);
    return this.filter(({ message }) => matches(message));
  }

  /** New events from now on; ends when the environment is gone. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LogEvent> {
    for await (const record of this.#records.follow()) yield* loggedEvents(record, this.#hosted);
  }
}
