import { describe, expect, test } from "vitest";
import type { RequestHead } from "./exchange.ts";
import type { PortFacts } from "./plan.ts";
import { planFor } from "./routes.ts";

const id = "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5";
const facts: PortFacts = {
  snapStart: false,
  extensionsSwitchedOff: false,
  subscribe: () => ({ status: 200, body: "" }),
};
const snapStart: PortFacts = { ...facts, snapStart: true };
const switchedOff: PortFacts = { ...facts, extensionsSwitchedOff: true };

const head = (method: string, target: string, headers: RequestHead["headers"] = {}): RequestHead => ({
  method,
  target,
  headers,
  httpVersion: "1.1",
});
const planned = (method: string, target: string, headers?: RequestHead["headers"], port = facts): unknown =>
  planFor(head(method, target, headers), port);
const answers = (status: number, body: string): unknown => ({ plan: "answer", answer: { status, body } });
const notFound = answers(404, "404 page not found\n");
const methodNotAllowed = answers(405, "");

const routes: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/2018-06-01/ping"],
  ["GET", "/2018-06-01/runtime/invocation/next"],
  ["POST", `/2018-06-01/runtime/invocation/${id}/response`],
  ["POST", `/2018-06-01/runtime/invocation/${id}/error`],
  ["POST", "/2018-06-01/runtime/init/error"],
  ["GET", "/2018-06-01/runtime/restore/next"],
  ["POST", "/2018-06-01/runtime/restore/error"],
  ["POST", "/2020-01-01/extension/register"],
  ["GET", "/2020-01-01/extension/event/next"],
  ["POST", "/2020-01-01/extension/init/error"],
  ["POST", "/2020-01-01/extension/exit/error"],
  ["PUT", "/2022-07-01/telemetry"],
  ["PUT", "/2022-07-01/telemetry/"],
  ["PUT", "/2020-08-15/logs"],
];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

describe("paths and methods", () => {
  test.each(routes)("[RT-03, EXT-02, TEL-04, LGS-01] %s alone is the method of %s", (method, path) => {
    const others = methods.filter((one) => one !== method);
    for (const other of others) expect(planned(other, path, {}, snapStart)).toMatchObject(methodNotAllowed as object);
    expect(planned(method, path, {}, snapStart)).not.toMatchObject(methodNotAllowed as object);
  });

  test.each([
    "/",
    "",
    "*",
    "/2018-06-01",
    "/2018-06-01/",
    "/2018-06-01/runtime/invocation/",
    "/2018-06-01/runtime/invocation/next/",
    "/2018-06-01/runtime/invocation//response",
    `/2018-06-01/runtime/invocation/${id}/answer`,
    `/2018-06-01/runtime/invocation/${id}/response/`,
    `/2018-06-01/runtime/invocation/${id}`,
    "/2018-06-01/runtime/init/Error",
    "/2019-01-01/ping",
    "/2020-01-01/extension",
    "/2020-01-01/extension/event",
    "/2022-07-01/telemetry//",
    "/2022-12-13/telemetry",
    "/2025-01-29/telemetry",
    "/2020-08-15/logs/x",
  ])("[RT-02, EXT-02, TEL-03] %j is an unknown path", (path) => {
    for (const method of methods) expect(planned(method, path)).toMatchObject(notFound as object);
  });

  test("[RT-83] the restore routes exist in a snap-start environment only", () => {
    expect(planned("GET", "/2018-06-01/runtime/restore/next")).toMatchObject(notFound as object);
    expect(planned("POST", "/2018-06-01/runtime/restore/error")).toMatchObject(notFound as object);
    expect(planned("PUT", "/2018-06-01/runtime/restore/error")).toMatchObject(notFound as object);
    expect(planned("GET", "/2018-06-01/runtime/restore/next", {}, snapStart)).toEqual({
      plan: "ask",
      call: { call: "restore next" },
    });
    expect(planned("POST", "/2018-06-01/runtime/restore/error", {}, snapStart)).toMatchObject({
      plan: "phase error",
      phase: "restore",
    });
  });

  test("a query, and the absolute form that a proxy is sent, lead to the same path", () => {
    const plan = { plan: "ask", call: { call: "runtime next" } };
    expect(planned("GET", "/2018-06-01/runtime/invocation/next?again=1")).toEqual(plan);
    expect(planned("GET", "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next")).toEqual(plan);
    expect(planned("GET", "http://127.0.0.1:9001")).toMatchObject(notFound as object);
  });

  test.each(routes.slice(7))(
    "[TEL-05, LGS-01] with extensions switched off %s %s is 404 with an empty body",
    (_, path) => {
      for (const method of methods) {
        expect(planned(method, path, {}, switchedOff)).toMatchObject(answers(404, "") as object);
      }
    },
  );

  test("switched-off extensions leave the Runtime API alone", () => {
    expect(planned("GET", "/2018-06-01/runtime/invocation/next", {}, switchedOff)).toMatchObject({ plan: "ask" });
  });
});

describe("results", () => {
  test("a response is planned with what its head says", () => {
    expect(planned("POST", `/2018-06-01/runtime/invocation/${id}/response`)).toEqual({
      plan: "response",
      requestId: id,
      invocationId: undefined,
      responseMode: undefined,
      contentType: undefined,
    });
    expect(
      planned("POST", `/2018-06-01/runtime/invocation/${id}/response`, {
        "lambda-runtime-invocation-id": "attempt",
        "lambda-runtime-function-response-mode": "streaming",
        "content-type": "text/html",
      }),
    ).toEqual({
      plan: "response",
      requestId: id,
      invocationId: "attempt",
      responseMode: "streaming",
      contentType: "text/html",
    });
  });

  test("[RT-46] an empty response mode is none", () => {
    const headers = { "lambda-runtime-function-response-mode": "" };
    expect(planned("POST", `/2018-06-01/runtime/invocation/${id}/response`, headers)).toMatchObject({
      responseMode: undefined,
    });
  });

  test("[RT-68] an error is planned with its type as sent, none included", () => {
    const path = `/2018-06-01/runtime/invocation/${id}/error`;
    expect(planned("POST", path)).toMatchObject({ plan: "error", errorType: undefined, invocationId: undefined });
    const headers = { "lambda-runtime-function-error-type": "Ünfug?", "lambda-runtime-invocation-id": "attempt" };
    const asLatin1 = { ...headers, "lambda-runtime-function-error-type": Buffer.from("Ünfug?").toString("latin1") };
    expect(planned("POST", path, asLatin1)).toMatchObject({ errorType: "Ünfug?", invocationId: "attempt" });
  });

  test("[RT-101] features and user agent make no difference", () => {
    const headers = { "lambda-runtime-features": "x,y", "user-agent": "aws-lambda-rust/0.8 (special)" };
    for (const [method, path] of routes) expect(planned(method, path, headers)).toEqual(planned(method, path));
  });
});

describe("extensions", () => {
  const errors = [
    ["/2020-01-01/extension/init/error", "extension init error"],
    ["/2020-01-01/extension/exit/error", "extension exit error"],
  ] as const;
  const identified: readonly (readonly [string, string])[] = [
    ["GET", "/2020-01-01/extension/event/next"],
    ["POST", "/2020-01-01/extension/init/error"],
    ["POST", "/2020-01-01/extension/exit/error"],
    ["PUT", "/2022-07-01/telemetry"],
    ["PUT", "/2020-08-15/logs"],
  ];

  test.each(identified)("[EXT-43, TEL-41] %s %s without an identifier is refused", (method, path) => {
    const refusal = {
      status: 403,
      errorType: "Extension.MissingExtensionIdentifier",
      errorMessage: "Missing Lambda-Extension-Identifier header",
    };
    expect(planned(method, path)).toEqual({ plan: "refuse", refusal });
    expect(planned(method, path, { "lambda-extension-identifier": "" })).toEqual({ plan: "refuse", refusal });
  });

  test.each(identified)("[EXT-44, TEL-42] %s %s with an identifier that is no UUID is refused", (method, path) => {
    expect(planned(method, path, { "lambda-extension-identifier": "me" })).toEqual({
      plan: "refuse",
      refusal: {
        status: 403,
        errorType: "Extension.InvalidExtensionIdentifier",
        errorMessage: "Invalid Lambda-Extension-Identifier",
      },
    });
  });

  test("[EXT-45] an identifier is asked with in its normal form", () => {
    const headers = { "lambda-extension-identifier": `{${id.toUpperCase()}}` };
    expect(planned("GET", "/2020-01-01/extension/event/next", headers)).toEqual({
      plan: "ask",
      call: { call: "event next", identifier: id },
    });
    expect(planned("PUT", "/2022-07-01/telemetry/", headers)).toEqual({
      plan: "subscribe",
      api: "telemetry",
      identifier: id,
    });
    expect(planned("PUT", "/2020-08-15/logs", headers)).toEqual({ plan: "subscribe", api: "logs", identifier: id });
  });

  test.each(errors)("[EXT-48, EXT-71] %s: the UUID comes before the error type, and that before the lookup", (path) => {
    const refusal = (headers: RequestHead["headers"]): unknown => planned("POST", path, headers);
    expect(refusal({ "lambda-extension-identifier": "me" })).toMatchObject({
      refusal: { errorType: "Extension.InvalidExtensionIdentifier" },
    });
    expect(refusal({ "lambda-extension-identifier": id })).toEqual({
      plan: "refuse",
      refusal: {
        status: 403,
        errorType: "Extension.MissingHeader",
        errorMessage: "Lambda-Extension-Function-Error-Type not found",
      },
    });
  });

  test.each(errors)("[EXT-70] %s takes any error type", (path, call) => {
    const headers = { "lambda-extension-identifier": id, "lambda-extension-function-error-type": "what ever" };
    expect(planned("POST", path, headers)).toEqual({
      plan: "ask",
      call: { call, identifier: id, errorType: "what ever" },
    });
  });

  test("[EXT-32] registering without a name is refused before the body is read", () => {
    for (const headers of [{}, { "lambda-extension-name": "" }]) {
      expect(planned("POST", "/2020-01-01/extension/register", headers)).toEqual({
        plan: "refuse",
        refusal: { status: 403, errorType: "Extension.InvalidExtensionName", errorMessage: "Empty extension name" },
      });
    }
  });

  test("[EXT-05, EXT-13] a name is taken as it stands, byte for byte", () => {
    const names = ["Parcel-Tracer.sh", "two words", "Zähler", "x".repeat(5_000)];
    for (const name of names) {
      const headers = { "lambda-extension-name": Buffer.from(name).toString("latin1") };
      expect(planned("POST", "/2020-01-01/extension/register", headers)).toMatchObject({ plan: "register", name });
    }
  });
});

describe("without telemetry", () => {
  const none: PortFacts = { snapStart: false, extensionsSwitchedOff: false };

  test.each([
    ["/2022-07-01/telemetry", "Telemetry"],
    ["/2020-08-15/logs", "Logs"],
  ])("[TEL-06, LGS-07] %s answers 202 and examines nothing", (path, api) => {
    const body = `{"errorMessage":"${api} API is not supported","errorType":"${api}.NotSupported"}\n`;
    expect(planned("PUT", path, {}, none)).toMatchObject(answers(202, body) as object);
    expect(planned("GET", path, {}, none)).toMatchObject(methodNotAllowed as object);
  });
});

describe("container credentials", () => {
  const body = { AccessKeyId: "A", SecretAccessKey: "S", Token: "T", Expiration: "2026-11-23T12:00:00Z" };
  const containerCredentials = { path: "/2021-04-23/credentials", token: "secret", body: () => body };
  const port: PortFacts = { ...facts, containerCredentials };
  const path = containerCredentials.path;

  test("[RT-91] are given for the token and nothing else", () => {
    const given = planFor(head("GET", path, { authorization: "secret" }), port);
    expect(given).toMatchObject(answers(200, JSON.stringify(body)) as object);
    expect(planFor(head("GET", path, { authorization: "Secret" }), port)).toMatchObject(notFound as object);
    expect(planFor(head("GET", path), port)).toMatchObject(notFound as object);
    expect(planFor(head("POST", path, { authorization: "secret" }), port)).toMatchObject(methodNotAllowed as object);
    expect(planned("GET", path, { authorization: "secret" })).toMatchObject(notFound as object);
  });
});
