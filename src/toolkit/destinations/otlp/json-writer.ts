/** OTLP in JSON. */
import { scopeName, type Writer } from "./signals.ts";

const names = {
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
  traces: ["resourceSpans", "scopeSpans", "spans"],
} as const;

export const jsonWriter: Writer = {
  contentType: "application/json",
  itemOverheadBytes: 1,
  item: ({ parts }) => parts.map((part) => JSON.stringify(part)).join(","),
  request(signal, resource, items) {
    const [resources, scopes, parts] = names[signal];
    const head = `{"${resources}":[{"resource":${JSON.stringify({ attributes: resource })},"${scopes}":[{"scope":{"name":"${scopeName}"},"${parts}":[`;
    return Buffer.from(`${head}${items.join(",")}]}]}]}`);
  },
};
