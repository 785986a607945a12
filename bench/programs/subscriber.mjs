#!/usr/bin/env node
// Subscribes to the function's lines and throws away what it gets. BENCH_DESTINATION is HTTP or TCP; with
// BENCH_ANSWER_AFTER_MS it takes so long for every batch.
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";

const { AWS_LAMBDA_RUNTIME_API: api, BENCH_DESTINATION: protocol, BENCH_ANSWER_AFTER_MS: answerAfter } = process.env;
const [host, port] = api.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, headers, body) =>
  new Promise((resolve, reject) => {
    const sent = request({ agent, host, port, method, path, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });

const name = { "Lambda-Extension-Name": basename(process.argv[1]) };
const wanted = JSON.stringify({ events: ["INVOKE", "SHUTDOWN"] });
const { headers } = await call("POST", "/2020-01-01/extension/register", name, wanted);
const identifier = { "Lambda-Extension-Identifier": headers["lambda-extension-identifier"] };

const listener =
  protocol === "TCP"
    ? createTcpServer((socket) => socket.resume())
    : createServer((batch, response) => void take(batch, response));
listener.keepAliveTimeout = 0;
listener.listen(0, "127.0.0.1");
await once(listener, "listening");
const { port: own } = listener.address();

const subscription = {
  schemaVersion: "2025-01-29",
  types: ["function"],
  buffering: { maxItems: 10_000, maxBytes: 1_048_576, timeoutMs: 25 },
  destination: protocol === "TCP" ? { protocol, port: own } : { protocol, URI: `http://sandbox.localdomain:${own}/` },
};
const { status, text } = await call("PUT", "/2022-07-01/telemetry", identifier, JSON.stringify(subscription));
if (status !== 200) throw new Error(`the subscription was answered ${status} ${text}`);

for (;;) {
  const { text } = await call("GET", "/2020-01-01/extension/event/next", identifier);
  if (JSON.parse(text).eventType === "SHUTDOWN") process.exit(0);
}

async function take(batch, response) {
  batch.resume();
  await once(batch, "end");
  if (answerAfter !== undefined) await setTimeout(Number(answerAfter));
  response.writeHead(200, { "Content-Length": "0" }).end();
}
