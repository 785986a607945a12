import { expect, test } from "vitest";
import { refuseStranger } from "./callers.ts";
import type { RequestHead } from "./exchange.ts";

const from = (headers: RequestHead["headers"], httpVersion = "1.1"): RequestHead => ({
  method: "GET",
  target: "/2018-06-01/runtime/invocation/next",
  httpVersion,
  headers,
});

test.each([
  "127.0.0.1",
  "127.0.0.1:9001",
  "169.254.100.1:9001",
  "[::1]:9001",
  "[fe80::1]",
  "localhost",
  "localhost:80",
  "LOCALHOST:9001",
  "sandbox:9001",
  "sandbox.localdomain:9001",
  "Sandbox.Localdomain",
  "",
])("a process of the sandbox may call by %j", (host) => {
  expect(refuseStranger(from({ host }))).toBeUndefined();
});

test.each([
  "example.com",
  "rebound.example:9001",
  "127.0.0.1.example.com",
  "localhost.example.com",
  "sandbox.example",
  "xsandbox",
  "127.0.0.1:9001:1",
  "127.0.0.1@example.com",
  "localhost:x",
])("a name that may have been rebound is refused: %s", (host) => {
  expect(refuseStranger(from({ host: "127.0.0.1:9001" }))).toBeUndefined();
  expect(refuseStranger(from({ host }))).toMatchObject({
    status: 403,
    body: expect.stringContaining("Host") as string,
  });
});

test.each([
  { origin: "http://localhost:3000" },
  { origin: "null" },
  { origin: "" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
])("a web page is refused: %o", (headers) => {
  expect(refuseStranger(from({ host: "127.0.0.1:9001", ...headers }))).toMatchObject({ status: 403 });
});

test("Node's own fetch and a person at the address bar are no web page", () => {
  expect(refuseStranger(from({ host: "127.0.0.1:9001", "sec-fetch-mode": "cors" }))).toBeUndefined();
  expect(refuseStranger(from({ host: "127.0.0.1:9001", "sec-fetch-site": "none" }))).toBeUndefined();
});

test("only HTTP/1.0 may leave out the host", () => {
  expect(refuseStranger(from({}))).toMatchObject({ status: 400 });
  expect(refuseStranger(from({}, "1.0"))).toBeUndefined();
});
