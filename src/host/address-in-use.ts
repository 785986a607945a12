/** Whether a line of an extension says that somebody else listens where it wants to. */
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";

export interface AddressInUse {
  readonly extensionName: string;
  /** What may be the port; empty where the message does not say, as Python's. */
  readonly ports: readonly number[];
}

/** Node.js, Go, Rust, Java and Python say it in the words of the C library, more or less. */
export function addressInUse(record: TelemetryRecord): AddressInUse | undefined {
  if (record.type !== "extension" || record.extensionName === undefined) return undefined;
  const { text, extensionName } = record;
  // Cheap first: this is asked of every line.
  if (!text.includes("ddress already in use")) return undefined;
  // A time of day before the message looks like ports too; nobody listens there.
  return { extensionName, ports: [...text.matchAll(/:(\d{1,5})\b/g)].map(([, port]) => Number(port)) };
}
