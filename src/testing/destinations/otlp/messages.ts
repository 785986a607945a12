/** OTLP's messages by opentelemetry-proto 1.x: the export requests of logs, metrics and traces. */
import type { Field, Message } from "../protobuf-reader.ts";

const anyValue = (): Message => ({
  1: ["stringValue", "string"],
  2: ["boolValue", "bool"],
  3: ["intValue", "int64"],
  4: ["doubleValue", "double"],
  5: ["arrayValue", "message", () => ({ 1: ["values", "messages", anyValue] })],
  6: ["kvlistValue", "message", () => ({ 1: ["values", "messages", keyValue] })],
  7: ["bytesValue", "base64"],
});

const keyValue = (): Message => ({ 1: ["key", "string"], 2: ["value", "message", anyValue] });
const attributes: Field = ["attributes", "messages", keyValue];

const resource = (): Message => ({ 1: attributes });
const scope = (): Message => ({ 1: ["name", "string"], 2: ["version", "string"], 3: attributes });

const logRecord = (): Message => ({
  1: ["timeUnixNano", "fixed64"],
  2: ["severityNumber", "int32"],
  3: ["severityText", "string"],
  5: ["body", "message", anyValue],
  6: attributes,
  8: ["flags", "fixed32"],
  9: ["traceId", "hex"],
  10: ["spanId", "hex"],
  11: ["observedTimeUnixNano", "fixed64"],
  12: ["eventName", "string"],
});

const span = (): Message => ({
  1: ["traceId", "hex"],
  2: ["spanId", "hex"],
  3: ["traceState", "string"],
  4: ["parentSpanId", "hex"],
  5: ["name", "string"],
  6: ["kind", "int32"],
  7: ["startTimeUnixNano", "fixed64"],
  8: ["endTimeUnixNano", "fixed64"],
  9: attributes,
  11: ["events", "messages", () => ({ 1: ["timeUnixNano", "fixed64"], 2: ["name", "string"], 3: attributes })],
  13: ["links", "messages", () => ({ 1: ["traceId", "hex"], 2: ["spanId", "hex"], 4: attributes })],
  15: ["status", "message", () => ({ 2: ["message", "string"], 3: ["code", "int32"] })],
  16: ["flags", "fixed32"],
});

const numberPoint = (): Message => ({
  2: ["startTimeUnixNano", "fixed64"],
  3: ["timeUnixNano", "fixed64"],
  4: ["asDouble", "double"],
  6: ["asInt", "sfixed64"],
  7: attributes,
});

const histogramPoint = (): Message => ({
  2: ["startTimeUnixNano", "fixed64"],
  3: ["timeUnixNano", "fixed64"],
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["bucketCounts", "packed fixed64"],
  7: ["explicitBounds", "packed double"],
  9: attributes,
  11: ["min", "double"],
  12: ["max", "double"],
});

const points =
  (of: () => Message): (() => Message) =>
  () => ({
    1: ["dataPoints", "messages", of],
    2: ["aggregationTemporality", "int32"],
    3: ["isMonotonic", "bool"],
  });

const metric = (): Message => ({
  1: ["name", "string"],
  2: ["description", "string"],
  3: ["unit", "string"],
  5: ["gauge", "message", points(numberPoint)],
  7: ["sum", "message", points(numberPoint)],
  9: ["histogram", "message", points(histogramPoint)],
});

const exported = (list: string, scoped: string, records: string, of: () => Message): Message => ({
  1: [
    list,
    "messages",
    () => ({
      1: ["resource", "message", resource],
      2: [scoped, "messages", () => ({ 1: ["scope", "message", scope], 2: [records, "messages", of] })],
    }),
  ],
});

/** Where the records of a signal lie in its export request. */
export const signals = {
  logs: { list: "resourceLogs", scoped: "scopeLogs", records: "logRecords", of: logRecord },
  metrics: { list: "resourceMetrics", scoped: "scopeMetrics", records: "metrics", of: metric },
  traces: { list: "resourceSpans", scoped: "scopeSpans", records: "spans", of: span },
} as const;

export type OtlpSignal = keyof typeof signals;

export function exportRequest(signal: OtlpSignal): Message {
  const { list, scoped, records, of } = signals[signal];
  return exported(list, scoped, records, of);
}
