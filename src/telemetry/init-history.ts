/** What a new subscription gets to see of the Init it came into (TEL-85 to TEL-93). */
import type { SchemaVersion } from "../protocol/telemetry-api.ts";
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { TelemetryType } from "../protocol/telemetry-records.ts";
import type { RecordedEvent } from "./recorded-event.ts";

/** TEL-92 */
const maxEvents = 10_000;
const maxBytes = 1_048_576;

export interface MissingHistory {
  readonly records: number;
  readonly bytes: number;
}

interface Tally {
  records: number;
  /** By the two shapes a line can have: the sizes differ (DLV-49). */
  bytesAsString: number;
  bytesAsLatest: number;
}

export class InitHistory {
  #open = false;
  #events: RecordedEvent[] = [];
  #bytes = 0;
  #full = false;
  #missing = emptyTallies();

  /** An Init or re-init starts, if that is not known yet: the history starts empty (TEL-93). */
  begin(): void {
    this.#open = true;
  }

  /** The window closed, or the Init ended in a reset. */
  discard(): void {
    this.#open = false;
    this.#events = [];
    this.#bytes = 0;
    this.#full = false;
    this.#missing = emptyTallies();
  }

  /** The first event of every Init begins its history, whether or not the Init was told before (TEL-86, EVT-31). */
  keep(event: RecordedEvent): void {
    const { record } = event;
    if (record.type === "platform.initStart") {
      this.discard();
      this.begin();
    }
    if (!this.#open) return;
    const bytes = sizeIn(event, "2025-01-29");
    if (isLogLine(record)) {
      // Once a line was left out, so are all later ones: what is kept has no holes.
      this.#full ||= this.#events.length >= maxEvents || this.#bytes + bytes > maxBytes;
      if (this.#full) {
        count(this.#missing[record.type], event, bytes);
        return;
      }
    }
    this.#bytes += bytes;
    this.#events.push(event);
  }

  /** The events kept, in original order. */
  get events(): readonly RecordedEvent[] {
    return this.#events;
  }

  /** What a subscription with these types and this version would have seen, had there been room. */
  missing(types: readonly TelemetryType[], version: SchemaVersion): MissingHistory {
    let records = 0;
    let bytes = 0;
    for (const type of types) {
      if (type === "platform") continue;
      const tally = this.#missing[type];
      records += tally.records;
      bytes += version === "2022-12-13" || version === "2025-01-29" ? tally.bytesAsLatest : tally.bytesAsString;
    }
    return { records, bytes };
  }
}

const emptyTally = (): Tally => ({ records: 0, bytesAsString: 0, bytesAsLatest: 0 });
const emptyTallies = (): { function: Tally; extension: Tally } => ({ function: emptyTally(), extension: emptyTally() });

function count(tally: Tally, event: RecordedEvent, bytesAsLatest: number): void {
  tally.records++;
  tally.bytesAsLatest += bytesAsLatest;
  tally.bytesAsString += sizeIn(event, "2022-07-01");
}

const sizeIn = (event: RecordedEvent, version: SchemaVersion): number => event.in(version)[0]?.bytes ?? 0;
