/** Reads the body of a subscription: JSON and shape, the first fault in text order counts (TEL-46 to TEL-56, TEL-61). */
import {
  platformEventNames,
  schemaVersions,
  telemetryTypes,
  type PlatformEventName,
  type SchemaVersion,
} from "../protocol/telemetry-api.ts";
import type { TelemetryType } from "../protocol/telemetry-records.ts";
import { readDestinationMember, type RawDestination } from "./destination-body.ts";
import { JsonReader } from "./json-reader.ts";
import { described, JsonFault, unknownVariant } from "./json-value.ts";

/** What the body says; which values may be used together is judged later. */
export interface SubscriptionBody {
  readonly schemaVersion: SchemaVersion | undefined;
  readonly types: readonly (TelemetryType | PlatformEventName)[];
  readonly destination: RawDestination | undefined;
  readonly buffering: RawBuffering;
}

export interface RawBuffering {
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly maxItems?: number;
}

export type BodyReading =
  | { readonly kind: "read"; readonly body: SubscriptionBody }
  | { readonly kind: "unreadable"; readonly message: string };

export function readSubscriptionBody(bytes: Uint8Array): BodyReading {
  const reader = new JsonReader(bytes);
  try {
    const body = readBody(reader);
    reader.end();
    return { kind: "read", body };
  } catch (fault) {
    if (fault instanceof JsonFault) return { kind: "unreadable", message: fault.message };
    throw fault;
  }
}

function readBody(reader: JsonReader): SubscriptionBody {
  let schemaVersion: SchemaVersion | undefined;
  let types: SubscriptionBody["types"] | undefined;
  let destination: RawDestination | undefined;
  let buffering: RawBuffering = {};
  const seen = new Set<string>();
  reader.object("struct Subscription", (name) => {
    refuseRepeated(reader, name, seen);
    reader.colon();
    if (name === "types") types = readTypes(reader);
    else if (reader.skipsNull()) return;
    else if (name === "schemaVersion") schemaVersion = readVariant(reader, schemaVersions);
    else if (name === "destination") destination = readDestinationMember(reader);
    else if (name === "buffering") buffering = readBuffering(reader);
    else reader.value();
  });
  if (types === undefined) return reader.fail("missing field `types`");
  return { schemaVersion, types, destination, buffering };
}

const members = new Set(["schemaVersion", "types", "destination", "buffering", "timeoutMs", "maxBytes", "maxItems"]);

function refuseRepeated(reader: JsonReader, name: string, seen: Set<string>): void {
  if (seen.has(name) && members.has(name)) reader.fail(`duplicate field \`${name}\``);
  seen.add(name);
}

const typeNames = [...platformEventNames, ...telemetryTypes] as const;

function readTypes(reader: JsonReader): SubscriptionBody["types"] {
  const types: (TelemetryType | PlatformEventName)[] = [];
  reader.array(() => types.push(readVariant(reader, typeNames)));
  return types;
}

function readVariant<Name extends string>(reader: JsonReader, names: readonly Name[]): Name {
  const value = reader.value();
  if (value.kind !== "string") return reader.fail(`invalid type: ${described(value)}, expected a string`);
  return names.find((name) => name === value.text) ?? reader.fail(unknownVariant(value.text, names));
}

function readBuffering(reader: JsonReader): RawBuffering {
  const buffering: { timeoutMs?: number; maxBytes?: number; maxItems?: number } = {};
  const seen = new Set<string>();
  reader.object("struct Buffering", (name) => {
    refuseRepeated(reader, name, seen);
    reader.colon();
    if (reader.skipsNull()) return;
    if (name === "timeoutMs" || name === "maxBytes" || name === "maxItems") buffering[name] = readInteger(reader);
    else reader.value();
  });
  return buffering;
}

/** TEL-56 */
function readInteger(reader: JsonReader): number {
  const value = reader.value();
  const integer = value.kind === "number" && /^[0-9]+$/.test(value.text) ? Number(value.text) : undefined;
  if (integer === undefined || integer >= 2 ** 64) {
    return reader.fail(`invalid type: ${described(value)}, expected u64`);
  }
  return integer;
}
