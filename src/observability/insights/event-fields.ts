/** The fields of a log event: its own, those of its JSON, and those Logs Insights discovers in what Lambda writes. */
import { Moment, type Value } from "./values.ts";

export interface QueriedEvent {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly logStream: string;
  readonly logGroup: string;
  readonly accountId: string;
}

export interface EventFields {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly get: (name: string) => Value;
  /** Every name that has a value. */
  readonly names: () => readonly string[];
}

/** JSON and discovered fields are looked for when the first of them is asked for. */
export function eventFields(event: QueriedEvent): EventFields {
  const own: Readonly<Record<string, Value>> = {
    "@timestamp": new Moment(event.timestamp),
    "@ingestionTime": new Moment(event.ingestionTime),
    "@message": event.message,
    "@logStream": event.logStream,
    "@log": `${event.accountId}:${event.logGroup}`,
    "@ptr": eventPointer(event),
  };
  let discovered: ReadonlyMap<string, Value> | undefined;
  const others = (): ReadonlyMap<string, Value> => (discovered ??= discover(event.message));
  return {
    at: event.timestamp,
    get: (name) => (Object.hasOwn(own, name) ? own[name] : others().get(name)),
    names: () => [...Object.keys(own), ...others().keys()],
  };
}

/** What GetLogRecord takes. */
const eventPointer = ({ id, timestamp }: Pick<QueriedEvent, "id" | "timestamp">): string =>
  Buffer.from(`event ${timestamp} ${id}`).toString("base64");

/** Nothing for what is no pointer of ours. */
export function pointedAt(pointer: string): { readonly id: number; readonly timestamp: number } | undefined {
  const [, timestamp, id] = /^event (\d+) (\d+)$/.exec(Buffer.from(pointer, "base64").toString("utf8")) ?? [];
  return id === undefined ? undefined : { id: Number(id), timestamp: Number(timestamp) };
}

function discover(message: string): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>();
  lambdaFields(message, fields);
  const json = firstObject(message);
  if (json !== undefined) flatten("", json, fields);
  return fields;
}

const requestIdForm = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const platformLine = new RegExp(`^(START|END|REPORT) RequestId: (${requestIdForm})`);
const functionLine = new RegExp(`^[^\t]+\t(?:[^\t]+\t)?(${requestIdForm})\t`);

/** Sizes are bytes, a MB of 1,000,000. */
function lambdaFields(message: string, fields: Map<string, Value>): void {
  const [, type, requestId = functionLine.exec(message)?.[1]] = platformLine.exec(message) ?? [];
  if (requestId !== undefined) fields.set("@requestId", requestId);
  if (type === undefined) return;
  fields.set("@type", type);
  if (type !== "REPORT") return;
  const add = (name: string, pattern: RegExp, factor: number): void => {
    const number = pattern.exec(message)?.[1];
    if (number !== undefined) fields.set(name, Number(number) * factor);
  };
  add("@duration", /\tDuration: ([\d.]+) ms/, 1);
  add("@billedDuration", /\tBilled Duration: ([\d.]+) ms/, 1);
  add("@memorySize", /\tMemory Size: (\d+) MB/, 1_000_000);
  add("@maxMemoryUsed", /\tMax Memory Used: (\d+) MB/, 1_000_000);
  add("@initDuration", /\tInit Duration: ([\d.]+) ms/, 1);
  const [, traceId, segmentId] = /^XRAY TraceId: (\S+)\tSegmentId: (\S+)/m.exec(message) ?? [];
  if (traceId !== undefined) fields.set("@xrayTraceId", traceId).set("@xraySegmentId", segmentId);
}

/** The whole message, or the first object inside it. */
function firstObject(message: string): unknown {
  const from = message.indexOf("{");
  if (from === -1) return undefined;
  const end = message.trimEnd().endsWith("}") ? message.length : undefined;
  const whole = end === undefined ? undefined : parsed(message.slice(from, end));
  return whole ?? parsed(message.slice(from, closing(message, from)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** After the brace that closes the one at `from`. */
function closing(text: string, from: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  token.lastIndex = from;
  for (let depth = 0, found = token.exec(text); found !== null; found = token.exec(text)) {
    depth += found[0] === "{" ? 1 : found[0] === "}" ? -1 : 0;
    if (depth === 0) return token.lastIndex;
  }
  return from;
}

/** Logs Insights discovers no more in one event. */
const mostFields = 1000;

/** `a.b`, and of arrays `a.0`. */
function flatten(path: string, value: unknown, fields: Map<string, Value>): void {
  if (fields.size >= mostFields || value === null) return;
  if (typeof value === "object")
    for (const [name, member] of Object.entries(value)) flatten(path === "" ? name : `${path}.${name}`, member, fields);
  else if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    fields.set(path, typeof value === "boolean" ? Number(value) : value);
}
