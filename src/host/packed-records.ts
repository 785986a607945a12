/** Many records in little room: the lines of a flood would otherwise cost more to keep than to deliver. */
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";

/** Equal records again each time one is asked for; nothing else of what was packed is held. */
export class PackedRecords {
  readonly #times: number[] = [];
  readonly #text: string;
  /** Where in the text each line ends; a platform record has none. */
  readonly #ends: number[] = [];
  /** Platform records whole; of lines one of all that differ in nothing but time and text. */
  readonly #samples: TelemetryRecord[] = [];
  readonly #sampleOf: number[] = [];

  constructor(records: readonly TelemetryRecord[]) {
    let end = 0;
    let sample: TelemetryRecord | undefined;
    for (const record of records) {
      if (sample === undefined || !isSameKindOfLine(record, sample)) {
        sample = isLogLine(record) ? { ...record, text: "" } : record;
        this.#samples.push(sample);
      }
      end += textOf(record).length;
      this.#times.push(record.time);
      this.#ends.push(end);
      this.#sampleOf.push(this.#samples.length - 1);
    }
    this.#text = records.map(textOf).join("");
  }

  get textLength(): number {
    return this.#text.length;
  }

  at(index: number): TelemetryRecord | undefined {
    const sample = this.#samples[this.#sampleOf[index] ?? -1];
    if (sample === undefined || !isLogLine(sample)) return sample;
    const time = this.#times[index] ?? sample.time;
    return { ...sample, time, text: this.#text.slice(this.#ends[index - 1] ?? 0, this.#ends[index]) };
  }
}

const textOf = (record: TelemetryRecord): string => (isLogLine(record) ? record.text : "");

const isSameKindOfLine = (one: TelemetryRecord, other: TelemetryRecord): boolean =>
  isLogLine(one) &&
  isLogLine(other) &&
  one.type === other.type &&
  one.stream === other.stream &&
  one.extensionName === other.extensionName &&
  one.frameLevel === other.frameLevel &&
  one.cut === other.cut;
