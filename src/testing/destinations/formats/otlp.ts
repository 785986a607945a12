/** OTLP/HTTP, protobuf and JSON: logs, metrics and traces. */
import { json, type Reading, type WireAnswer, type WireFormat, type WireRequest } from "../wire-format.ts";
import { exportRequest, type OtlpSignal, signals } from "../otlp/messages.ts";
import { readMessage } from "../protobuf-reader.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A log record, a metric or a span, with its attributes as an object and its resource beside it. */
export interface ReceivedOtlpRecord {
  readonly signal: OtlpSignal;
  /** Of a log record: text or whatever value it was given. */
  readonly body?: unknown;
  /** Of a metric or a span. */
  readonly name?: string;
  readonly attributes: Attributes;
  /** Attributes of the resource. */
  readonly resource: Attributes;
  /** Name of the instrumentation scope. */
  readonly scope: string;
  /** Everything else as OTLP's JSON has it: `severityText`, `traceId`, `timeUnixNano`, `histogram` … */
  readonly [member: string]: unknown;
}

export const otlp: WireFormat<ReceivedOtlpRecord> = {
  variables: (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url }),
  read: (request) => {
    const signal = signalOf(request);
    if (signal === undefined) {
      const why = `OTLP has /v1/logs, /v1/metrics and /v1/traces, not ${request.path}`;
      return { kind: "unreadable", why, answer: failed(404, why, request) };
    }
    const content = isJson(request)
      ? (JSON.parse(request.body.toString("utf8")) as Plain)
      : readMessage(request.body, exportRequest(signal));
    return taken(signal, recordsIn(content, signal), request);
  },
  failure: (status, why, request) => failed(status, why, request),
};

type Plain = Readonly<Record<string, unknown>>;

const isJson = ({ headers }: WireRequest): boolean => (headers["content-type"] ?? "").includes("json");

function signalOf({ path }: WireRequest): OtlpSignal | undefined {
  const [, name] = /\/v1\/(logs|metrics|traces)$/.exec(path) ?? [];
  return name as OtlpSignal | undefined;
}

function recordsIn(content: Plain, signal: OtlpSignal): readonly ReceivedOtlpRecord[] {
  const { list, scoped, records } = signals[signal];
  return members(content, list).flatMap((ofResource) => {
    const resource = attributesOf(ofResource["resource"] as Plain | undefined);
    return members(ofResource, scoped).flatMap((ofScope) => {
      const scope = ((ofScope["scope"] as Plain | undefined)?.["name"] as string | undefined) ?? "";
      return members(ofScope, records).map((record) => ({
        ...record,
        signal,
        ...(record["body"] === undefined ? {} : { body: plainValue(record["body"] as Plain) }),
        attributes: attributesOf(record),
        resource,
        scope,
      }));
    });
  });
}

const members = (of: Plain, name: string): readonly Plain[] => (of[name] as readonly Plain[] | undefined) ?? [];

const attributesOf = (of: Plain | undefined): Attributes =>
  Object.fromEntries(
    members(of ?? {}, "attributes").map(({ key, value }) => [key as string, plainValue((value ?? {}) as Plain)]),
  );

/** The value that an AnyValue wraps. */
function plainValue(value: Plain): unknown {
  if ("intValue" in value) return Number(value["intValue"]);
  if ("arrayValue" in value) return members(value["arrayValue"] as Plain, "values").map((each) => plainValue(each));
  if ("kvlistValue" in value) {
    const { values = [] } = value["kvlistValue"] as { values?: readonly Plain[] };
    return attributesOf({ attributes: values });
  }
  const [[, plain] = []] = Object.entries(value);
  return plain;
}

const counted: Readonly<Record<OtlpSignal, string>> = {
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
  traces: "rejectedSpans",
};

/** A partial success says how many, not which. An empty message of protobuf has no bytes. */
const taken = (
  signal: OtlpSignal,
  records: readonly ReceivedOtlpRecord[],
  request: WireRequest,
): Reading<ReceivedOtlpRecord> => ({
  kind: "records",
  records,
  answer: ({ size }) => {
    if (isJson(request))
      return json(
        200,
        size === 0 ? {} : { partialSuccess: { [counted[signal]]: String(size), errorMessage: "rejected" } },
      );
    const inner = Buffer.concat([Buffer.from([0x08]), varint(size), field(0x12, "rejected")]);
    return protobuf(200, size === 0 ? Buffer.alloc(0) : field(0x0a, inner));
  },
});

/** google.rpc.Status, as the protocol asks for. */
const failed = (status: number, why: string, request: WireRequest): WireAnswer =>
  isJson(request) ? json(status, { code: 13, message: why }) : protobuf(status, field(0x12, why));

const protobuf = (status: number, body: Uint8Array): WireAnswer => ({
  status,
  headers: { "content-type": "application/x-protobuf" },
  body,
});

function field(key: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([key]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
