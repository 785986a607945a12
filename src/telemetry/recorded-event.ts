/** An accepted record with what each schema version makes of it, written once however many subscribers share it. */
import type { SchemaVersion } from "../protocol/telemetry-api.ts";
import {
  isLogLine,
  isLogsVersion,
  lineEventHead,
  platformEvents,
  type EventText,
} from "../protocol/telemetry-event-text.ts";
import { jsonObjectText } from "../protocol/telemetry-json-lines.ts";
import type { LogFormat, TelemetryRecord, TelemetryType } from "../protocol/telemetry-records.ts";
import { utf8Bytes } from "./record-size.ts";

export interface ProjectedEvent extends EventText {
  /** The event size of DLV: `text` in UTF-8. */
  readonly bytes: number;
}

type Line = Extract<TelemetryRecord, { readonly text: string }>;

export class RecordedEvent {
  readonly record: TelemetryRecord;
  readonly #logFormat: LogFormat;
  #asString: ProjectedEvent | undefined;
  #asObject: ProjectedEvent | undefined;
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
    if (isLogLine(record)) return [this.line(record, version)];
    this.#byVersion ??= new Map();
    let events = this.#byVersion.get(version);
    if (events === undefined) {
      events = platformEvents(record, version).map(measured);
      this.#byVersion.set(version, events);
    }
    return events;
  }

  /** The one event that a line has in every version. */
  line(record: Line, version: SchemaVersion): ProjectedEvent {
    return this.#logFormat === "JSON" && showsObjects(version)
      ? (this.#asObject ??= this.#object(record))
      : (this.#asString ??= lineEvent(record, JSON.stringify(record.text)));
  }

  /** Hashed as the line, so that versions agree (DLV-11). */
  #object(record: Line): ProjectedEvent {
    // The piece of a line that was too long stays text, even if it happens to be an object (CAP-21).
    const objectText = record.cut === true ? undefined : jsonObjectText(record.text);
    if (objectText !== undefined) return lineEvent(record, objectText);
    return (this.#asString ??= lineEvent(record, JSON.stringify(record.text)));
  }
}

/** EVT-75, LGS-31 */
const showsObjects = (version: SchemaVersion): boolean => version !== "2022-07-01" && !isLogsVersion(version);

/** EVT-74, EVT-75, LGS-31: only what is shown is counted, for only that may be anything but ASCII. */
function lineEvent(record: Line, shown: string): ProjectedEvent {
  const head = lineEventHead(record.time, record.type);
  return { text: `${head}${shown}}`, raw: record.text, bytes: head.length + utf8Bytes(shown) + 1 };
}

const measured = ({ text, raw }: EventText): ProjectedEvent => ({ text, raw, bytes: utf8Bytes(text) });
