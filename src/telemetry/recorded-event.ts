/** An accepted record with what each schema version makes of it, written once however many subscribers share it. */
import type { SchemaVersion } from "../protocol/telemetry-api.ts";
import {
  isLogLine,
  isLogsVersion,
  objectLineEvent,
  platformEvents,
  stringLineEvent,
  type EventText,
} from "../protocol/telemetry-event-text.ts";
import { jsonObjectText } from "../protocol/telemetry-json-lines.ts";
import type { LogFormat, TelemetryRecord, TelemetryType } from "../protocol/telemetry-records.ts";
import { utf8Bytes } from "./record-size.ts";

export interface ProjectedEvent extends EventText {
  /** The event size of DLV: `text` in UTF-8. */
  readonly bytes: number;
}

export class RecordedEvent {
  readonly record: TelemetryRecord;
  readonly #logFormat: LogFormat;
  #asString: readonly ProjectedEvent[] | undefined;
  #asObject: readonly ProjectedEvent[] | undefined;
  #byVersion: Map<SchemaVersion, readonly ProjectedEvent[]> | undefined;

  constructor(record: TelemetryRecord, logFormat: LogFormat) {
    this.record = record;
    this.#logFormat = logFormat;
  }

  get telemetryType(): TelemetryType {
    return isLogLine(this.record) ? this.record.type : "platform";
  }

  /** The events of this version in order; most have one, some none (LGS-18), a report has up to three (LGS-39). */
  in(version: SchemaVersion): readonly ProjectedEvent[] {
    const { record } = this;
    if (isLogLine(record)) {
      return this.#logFormat === "JSON" && showsObjects(version)
        ? (this.#asObject ??= this.#object(record))
        : (this.#asString ??= [measured(stringLineEvent(record.time, record))]);
    }
    this.#byVersion ??= new Map();
    let events = this.#byVersion.get(version);
    if (events === undefined) {
      events = platformEvents(record, version).map(measured);
      this.#byVersion.set(version, events);
    }
    return events;
  }

  #object(record: Extract<TelemetryRecord, { text: string }>): readonly ProjectedEvent[] {
    // The piece of a line that was too long stays text, even if it happens to be an object (CAP-21).
    const objectText = record.cut === true ? undefined : jsonObjectText(record.text);
    if (objectText !== undefined) return [measured(objectLineEvent(record.time, record, objectText))];
    return (this.#asString ??= [measured(stringLineEvent(record.time, record))]);
  }
}

/** EVT-75, LGS-31 */
const showsObjects = (version: SchemaVersion): boolean => version !== "2022-07-01" && !isLogsVersion(version);

const measured = ({ text, raw }: EventText): ProjectedEvent => ({ text, raw, bytes: utf8Bytes(text) });
