#!/usr/bin/env node
// An external extension: it is started before the runtime, hears of every invocation, and of the end.
// No dependencies: what an extension loads, every cold start of the function pays for.
import http from "node:http";
import path from "node:path";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
// Lambda knows an extension by the name of its file and refuses every other one.
const name = path.basename(process.argv[1]);

const registration = await call(
  "POST",
  "/register",
  { "Lambda-Extension-Name": name },
  { events: ["INVOKE", "SHUTDOWN"] },
);
const identifier = registration.headers["lambda-extension-identifier"];
// What has to be ready before the first invocation is made ready here: Init lasts until the first call of `next`.
console.log("registered");

for (;;) {
  const { body: event } = await call("GET", "/event/next", { "Lambda-Extension-Identifier": identifier });
  if (event.eventType === "SHUTDOWN") {
    // At most two seconds are left, and less when other extensions are slow: finish, then exit at once.
    console.log(`ends, reason ${event.shutdownReason}`);
    process.exit(0);
  }
  console.log(`invocation ${event.requestId}`);
}

// Not `fetch`: it gives up after five minutes without an answer, and `next` may wait for hours while frozen.
function call(method, route, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, method, path: `/2020-01-01/extension${route}`, headers },
      (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(pieces).toString();
          if (response.statusCode === 200) resolve({ headers: response.headers, body: JSON.parse(text) });
          else reject(new Error(`${method} ${route} was answered ${response.statusCode}: ${text}`));
        });
      },
    );
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
