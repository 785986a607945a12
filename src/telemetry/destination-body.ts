/** Reads `destination`: whatever is wrong in it is reported at its closing brace (TEL-46, TEL-52, TEL-53, TEL-61). */
import type { JsonReader } from "./json-reader.ts";
import { described, unknownVariant, type JsonValue } from "./json-value.ts";

export type RawDestination =
  | { readonly protocol: "HTTP"; readonly uri: string; readonly method: "POST" | "PUT" }
  /** 0 is read and refused later (TEL-61). */
  | { readonly protocol: "TCP"; readonly port: number };

type Members = ReadonlyMap<string, JsonValue>;

const protocols = ["HTTP", "TCP"] as const;
const methods = ["POST", "PUT"] as const;
const encodings = ["JSON"] as const;

/** @throws JsonFault */
export function readDestinationMember(reader: JsonReader): RawDestination {
  const value = reader.value();
  if (value.kind !== "object") return reader.fail(`invalid type: ${described(value)}, expected a map`);
  const { members, repeated } = value;
  const protocol = required(reader, members, "protocol", protocols);
  const known = protocol === "HTTP" ? ["protocol", "URI", "method", "encoding"] : ["protocol", "port", "encoding"];
  const twice = repeated.find((name) => known.includes(name));
  if (twice !== undefined) return reader.fail(`duplicate field \`${twice}\``);
  optional(reader, members, "encoding", encodings);
  if (protocol === "TCP") return { protocol, port: readPort(reader, members) };
  const method = optional(reader, members, "method", methods) ?? "POST";
  return { protocol, uri: text(reader, present(reader, members, "URI")), method };
}

function required<Name extends string>(
  reader: JsonReader,
  members: Members,
  name: string,
  names: readonly Name[],
): Name {
  const given = text(reader, present(reader, members, name));
  return names.find((known) => known === given) ?? reader.fail(unknownVariant(given, names));
}

/** TEL-22: `null` counts as omitted. */
function optional<Name extends string>(
  reader: JsonReader,
  members: Members,
  name: string,
  names: readonly Name[],
): Name | undefined {
  const value = members.get(name);
  return value === undefined || value.kind === "null" ? undefined : required(reader, members, name, names);
}

const present = (reader: JsonReader, members: Members, name: string): JsonValue =>
  members.get(name) ?? reader.fail(`missing field \`${name}\``);

const text = (reader: JsonReader, value: JsonValue): string =>
  value.kind === "string" ? value.text : reader.fail(`invalid type: ${described(value)}, expected a string`);

/** TEL-56: what does not fit into 16 bits cannot be represented. */
function readPort(reader: JsonReader, members: Members): number {
  const value = present(reader, members, "port");
  if (value.kind !== "number" || !/^[0-9]+$/.test(value.text)) {
    return reader.fail(`invalid type: ${described(value)}, expected u16`);
  }
  const port = Number(value.text);
  return port <= 65_535 ? port : reader.fail(`invalid value: ${described(value)}, expected u16`);
}
