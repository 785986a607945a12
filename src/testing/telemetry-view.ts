/** The telemetry of an environment as an array that grows, and as something to iterate over while it does. */
import type { Records } from "../host/records.ts";
import { telemetryText } from "../host/telemetry-text.ts";
import type { TelemetryEvent, TelemetryEventOf, TelemetryRecords, UnknownTelemetryEvent } from "./telemetry-event.ts";

/** The events so far; each access to `environment.telemetry` brings it up to date. */
export class TelemetryView extends Array<TelemetryEvent> {
  /** What `filter`, `map` and the like give is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly #records: Records;
  readonly #logFormat: "Text" | "JSON";
  #seen = 0;

  constructor(records: Records, logFormat: "Text" | "JSON") {
    super();
    this.#records = records;
    this.#logFormat = logFormat;
  }

  refresh(): this {
    const { count, forgotten } = this.#records;
    for (let next = Math.max(this.#seen, forgotten); next < count; next++) {
      const record = this.#records.at(next);
      const text = record === undefined ? undefined : telemetryText(record, this.#logFormat);
      if (text !== undefined) this.push(parse(text));
    }
    this.#seen = count;
    // What the environment forgot of a flood is forgotten here too.
    const surplus = this.length - (count - forgotten);
    if (surplus > 0) this.splice(0, surplus);
    return this;
  }

  /** The events of one type, typed by it; a type we do not know is looked for all the same. */
  ofType<Type extends keyof TelemetryRecords>(type: Type): readonly TelemetryEventOf<Type>[];
  ofType(type: string): readonly UnknownTelemetryEvent[];
  ofType(type: string): readonly UnknownTelemetryEvent[] {
    return this.filter((event) => event.type === type);
  }

  /** New events from now on; ends when the environment is gone. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TelemetryEvent> {
    for await (const record of this.#records.follow()) {
      const text = telemetryText(record, this.#logFormat);
      if (text !== undefined) yield parse(text);
    }
  }
}

const parse = (text: string): TelemetryEvent => JSON.parse(text) as TelemetryEvent;
