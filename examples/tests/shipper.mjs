#!/usr/bin/env node
// An extension that posts all telemetry to the address in SHIP_TO, by Node.js alone: what the tests beside it test.
import { once } from "node:events";
import { createServer } from "node:http";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}`;
const kept = [];

// A port that is the same after a reset: the subscription that was made before it still leads there.
const listener = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    kept.push(...JSON.parse(Buffer.concat(pieces).toString()));
    response.end();
  });
}).listen(Number(process.env.LISTEN_PORT ?? 4243), "0.0.0.0");
await once(listener, "listening");

/** What cannot be sent now is sent later, with what came after it. */
async function ship() {
  const batch = kept.splice(0);
  if (batch.length === 0) return;
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(process.env.SHIP_TO, { method: "POST", headers, body: JSON.stringify(batch) });
    if (answer.ok) return;
    console.log(`cannot ship ${batch.length} records: status ${answer.status}`);
  } catch (error) {
    console.log(`cannot ship ${batch.length} records: ${error.cause?.code ?? error.message}`);
  }
  kept.unshift(...batch);
}

const registered = await fetch(`${api}/2020-01-01/extension/register`, {
  method: "POST",
  headers: { "Lambda-Extension-Name": "shipper.mjs" },
  body: JSON.stringify({ events: ["INVOKE", "SHUTDOWN"] }),
});
const headers = { "Lambda-Extension-Identifier": registered.headers.get("Lambda-Extension-Identifier") };
await fetch(`${api}/2022-07-01/telemetry`, {
  method: "PUT",
  headers,
  body: JSON.stringify({
    schemaVersion: "2022-12-13",
    types: ["platform", "function"],
    destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${listener.address().port}` },
    buffering: { timeoutMs: 25, maxItems: 1000, maxBytes: 262_144 },
  }),
});

for (let event = {}; event.eventType !== "SHUTDOWN";) {
  await ship();
  event = await (await fetch(`${api}/2020-01-01/extension/event/next`, { headers })).json();
}
// The report of the last invocation comes with SHUTDOWN.
await new Promise((resolve) => setTimeout(resolve, 200));
await ship();
process.exit(0);
