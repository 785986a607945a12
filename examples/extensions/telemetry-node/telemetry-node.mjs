#!/usr/bin/env node
// Receives the telemetry of the function and its platform, and passes it on when Lambda has time for it.
import { defineExtension } from "lambdarium/extension";
import { webhook } from "lambdarium/extension/destinations/webhook";

// Where the records go: a URL that takes a POST with a JSON array; without one they are printed.
const url = process.env.TELEMETRY_DISPATCH_URL;

defineExtension(url === undefined ? { onTelemetry: print } : { deliver: { to: webhook({ url }) } });

function print(records) {
  for (const { time, type, record } of records) console.log(`${time} ${type} ${summary(record)}`);
}

function summary(record) {
  if (typeof record === "string") return record.trimEnd();
  const { name, state, requestId, status, metrics } = record;
  return [name, state, requestId, status, metrics?.durationMs && `${metrics.durationMs} ms`].filter(Boolean).join(", ");
}
