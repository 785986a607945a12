#!/usr/bin/env node
// Registers under its own file name and asks for one event after another, as an extension does that has nothing to do.
import { Agent, request } from "node:http";
import { basename } from "node:path";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, headers, body) =>
  new Promise((resolve, reject) => {
    const sent = request({ agent, host, port, method, path: `/2020-01-01/extension/${path}`, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve({ headers: answer.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });

const name = { "Lambda-Extension-Name": basename(process.argv[1]) };
const wanted = JSON.stringify({ events: ["INVOKE", "SHUTDOWN"] });
const { headers } = await call("POST", "register", name, wanted);
const identifier = { "Lambda-Extension-Identifier": headers["lambda-extension-identifier"] };

for (;;) {
  const { text } = await call("GET", "event/next", identifier);
  if (JSON.parse(text).eventType === "SHUTDOWN") process.exit(0);
}
