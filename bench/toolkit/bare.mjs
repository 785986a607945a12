#!/usr/bin/env node
// The least an extension in Node.js can be: registers and asks for events. What the toolkit costs is measured beside it.
import http from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });

function call(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path, headers }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(pieces).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const { headers } = await call(
  "POST",
  "/2020-01-01/extension/register",
  { "Lambda-Extension-Name": process.argv[1].split("/").at(-1) },
  '{"events":["INVOKE","SHUTDOWN"]}',
);
for (;;) {
  const { text } = await call("GET", "/2020-01-01/extension/event/next", {
    "Lambda-Extension-Identifier": headers["lambda-extension-identifier"],
  });
  if (JSON.parse(text).eventType === "SHUTDOWN") process.exit(0);
}
