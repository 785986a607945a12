#!/usr/bin/env node
// Receives the telemetry of the function and its platform, and passes it on when Lambda has time for it.
import http from "node:http";
import path from "node:path";
import { once } from "node:events";

const [apiHost, apiPort] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const name = path.basename(process.argv[1]);
// Where the records go: a URL that takes a POST with a JSON array; without one they are printed.
const dispatchUrl = process.env.TELEMETRY_DISPATCH_URL;

const queue = [];
let lastRequestId;
let reported = () => undefined;

const { headers } = await call(
  "POST",
  "/2020-01-01/extension/register",
  { "Lambda-Extension-Name": name },
  {
    events: ["INVOKE", "SHUTDOWN"],
  },
);
const identifier = { "Lambda-Extension-Identifier": headers["lambda-extension-identifier"] };

// The listener has to be up before the subscription: what Lambda cannot deliver it has to keep and may drop.
const port = await listen();
await call("PUT", "/2022-07-01/telemetry", identifier, {
  schemaVersion: "2025-01-29",
  // Not "extension": what this one prints would come back to it as telemetry, for ever.
  types: ["platform", "function"],
  buffering: { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 },
  destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${port}` },
});

for (;;) {
  const { body: event } = await call("GET", "/2020-01-01/extension/event/next", identifier);
  if (event.eventType === "SHUTDOWN") {
    // After a failure or a timeout the report is written when everything has ended: too late for us.
    if (event.shutdownReason === "spindown") await lastReport(event.deadlineMs);
    await dispatch();
    process.exit(0);
  }
  lastRequestId = event.requestId;
  // Now the function runs, and so may we: this is what the invocations before have left.
  await dispatch();
}

// `sandbox.localdomain` is the address Lambda delivers to. Where the name is not known, as in a sandbox without a
// network of its own, every address is listened on.
function listen() {
  return listenOn("sandbox.localdomain").catch(() => listenOn("0.0.0.0"));
}

async function listenOn(host) {
  const server = http.createServer(receive);
  // Lambda keeps its connection open through a freeze, however long that is.
  server.keepAliveTimeout = 0;
  server.listen(0, host);
  await once(server, "listening");
  return server.address().port;
}

// Only takes: work here would compete with the function, and a late answer holds the next batch up.
function receive(request, response) {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const records = JSON.parse(Buffer.concat(pieces).toString());
    queue.push(...records);
    response.end();
    if (records.some(isLastReport)) reported();
  });
}

function isLastReport({ type, record }) {
  return type === "platform.report" && record.requestId === lastRequestId;
}

// The report of the last invocation may still be on its way when SHUTDOWN comes.
async function lastReport(deadlineMs) {
  if (lastRequestId === undefined || queue.some(isLastReport)) return;
  const timer = setTimeout(() => reported(), Math.max(0, Math.min(500, deadlineMs - Date.now() - 500)));
  await new Promise((resolve) => {
    reported = resolve;
  });
  clearTimeout(timer);
}

async function dispatch() {
  const records = queue.splice(0);
  if (records.length === 0) return;
  if (dispatchUrl === undefined) {
    for (const { time, type, record } of records) console.log(`${time} ${type} ${summary(record)}`);
    return;
  }
  try {
    await fetch(dispatchUrl, { method: "POST", body: JSON.stringify(records), signal: AbortSignal.timeout(1000) });
  } catch (error) {
    // Kept for the next time; a real one would bound what it keeps.
    console.log(`${records.length} records could not be passed on: ${error.message}`);
    queue.unshift(...records);
  }
}

function summary(record) {
  if (typeof record === "string") return record.trimEnd();
  const { name, state, requestId, status, metrics } = record;
  return [name, state, requestId, status, metrics?.durationMs && `${metrics.durationMs} ms`].filter(Boolean).join(", ");
}

// Not `fetch`: it gives up after five minutes without an answer, and `next` may wait for hours while frozen.
function call(method, route, headers, body) {
  return new Promise((resolve, reject) => {
    const options = { hostname: apiHost, port: apiPort, method, path: route, headers };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode !== 200) reject(new Error(`${method} ${route}: ${response.statusCode} ${text}`));
        // The Telemetry API answers with a word, not with JSON.
        else resolve({ headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text });
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
