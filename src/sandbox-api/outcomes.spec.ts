import { expect, test } from "vitest";
import type { InvocationEvent, Outcome } from "../environment/calls.ts";
import type { Answer } from "./exchange.ts";
import { renderOutcome, type AnswerFacts } from "./outcomes.ts";

const facts: AnswerFacts = {
  functionName: "parcel-labels",
  functionVersion: "$LATEST",
  handler: "labels.print",
  accountId: "123456789012",
  newIdentifier: () => "e0e0e0e0-0000-4000-8000-000000000001",
};
const event: InvocationEvent = {
  requestId: "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",
  invocationId: "3b0c6f1e-21d7-4d7e-9a55-1f0f0e5d7c11",
  deadlineMs: 1_775_888_403_512,
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:parcel-labels:live",
  traceHeader: "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=0",
  clientContext: undefined,
  cognitoIdentity: undefined,
  tenantId: undefined,
  contentType: "application/json",
  payload: Buffer.from([0x7b, 0xff, 0x00, 0x7d]),
};

const invocation = (changes: Partial<InvocationEvent> = {}): Answer =>
  renderOutcome({ kind: "invocation", event: { ...event, ...changes } }, facts);
const pairs = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""]] : [])));

test("[RT-16, RT-20, RT-21] an invocation has exactly these headers", () => {
  expect(invocation().status).toBe(200);
  expect(pairs(invocation())).toEqual({
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": event.requestId,
    "Lambda-Runtime-Invocation-Id": event.invocationId,
    "Lambda-Runtime-Deadline-Ms": "1775888403512",
    "Lambda-Runtime-Invoked-Function-Arn": event.invokedFunctionArn,
    "Lambda-Runtime-Trace-Id": event.traceHeader,
    "Content-Length": "4",
  });
});

test("a deadline is written in whole milliseconds, alike for runtime and extensions", () => {
  expect(pairs(invocation({ deadlineMs: 1_775_888_403_512.75 }))["Lambda-Runtime-Deadline-Ms"]).toBe("1775888403512");
  const invoke = renderOutcome({ ...invokeEvent, deadlineMs: 1_775_888_403_512.75 }, facts);
  expect(invoke.body).toContain('"deadlineMs":1775888403512,');
});

test("[RT-23] a client context stands in its header as JSON text, UTF-8, on one line", () => {
  const header = pairs(invocation({ clientContext: '{"client":\r\n{"app_title":"Läden"}}' }))[
    "Lambda-Runtime-Client-Context"
  ];
  expect(Buffer.from(String(header), "latin1").toString("utf8")).toBe('{"client":  {"app_title":"Läden"}}');
});

test("[RT-24] an identity stands in its header as JSON", () => {
  const cognitoIdentity = { identityId: "us-east-1:one", identityPoolId: "us-east-1:pool" };
  expect(pairs(invocation({ cognitoIdentity }))["Lambda-Runtime-Cognito-Identity"]).toBe(
    '{"cognitoIdentityId":"us-east-1:one","cognitoIdentityPoolId":"us-east-1:pool"}',
  );
});

test("[RT-25] a tenant has its header", () => {
  expect(pairs(invocation({ tenantId: "blue" }))["Lambda-Runtime-Aws-Tenant-Id"]).toBe("blue");
});

test("[RT-27] the payload is the body byte for byte, and an absent one is {}", () => {
  expect(invocation().body).toBe(event.payload);
  expect(invocation({ payload: new Uint8Array(0) })).toMatchObject({ body: "{}" });
  expect(pairs(invocation({ payload: new Uint8Array(0) }))["Content-Length"]).toBe("2");
});

const invokeEvent = {
  kind: "invoke event",
  deadlineMs: 1_775_888_403_512,
  requestId: event.requestId,
  invokedFunctionArn: event.invokedFunctionArn,
  traceHeader: event.traceHeader,
} as const satisfies Outcome;

test("[EXT-52, EXT-53, EXT-55, EXT-56, EXT-57] an INVOKE event has this form", () => {
  const answer = renderOutcome(invokeEvent, facts);
  expect(answer.status).toBe(200);
  expect(answer.body).toBe(
    '{"eventType":"INVOKE","deadlineMs":1775888403512,"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",' +
      '"invokedFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:parcel-labels:live",' +
      '"tracing":{"type":"X-Amzn-Trace-Id",' +
      '"value":"Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=0"}}',
  );
  expect(pairs(answer)).toMatchObject({
    "Content-Type": "application/json",
    "Lambda-Extension-Event-Identifier": "e0e0e0e0-0000-4000-8000-000000000001",
  });
});

test("[EXT-52] each event has an identifier of its own", () => {
  let count = 0;
  const counting = { ...facts, newIdentifier: () => `fresh ${(count += 1)}` };
  const identifiers = [1, 2].map(
    () => pairs(renderOutcome(invokeEvent, counting))["Lambda-Extension-Event-Identifier"],
  );
  expect(identifiers).toEqual(["fresh 1", "fresh 2"]);
});

test.each(["spindown", "timeout", "failure"] as const)(
  "[EXT-59, EXT-60] a SHUTDOWN event for %s has this form",
  (reason) => {
    const answer = renderOutcome({ kind: "shutdown event", deadlineMs: 1_775_888_405_512, reason }, facts);
    expect(answer).toMatchObject({
      status: 200,
      body: `{"eventType":"SHUTDOWN","deadlineMs":1775888405512,"shutdownReason":"${reason}"}`,
    });
    expect(Object.keys(pairs(answer))).toEqual(["Content-Type", "Content-Length"]);
    expect(pairs(answer)["Content-Type"]).toBe("text/plain; charset=utf-8");
  },
);

test("[EXT-23, EXT-27] a registration is answered with the function's facts", () => {
  const answer = renderOutcome({ kind: "registered", identifier: "the-id" }, facts);
  expect(answer).toMatchObject({
    status: 200,
    body: '{"functionName":"parcel-labels","functionVersion":"$LATEST","handler":"labels.print"}\n',
  });
  expect(pairs(answer)).toMatchObject({ "Content-Type": "application/json", "Lambda-Extension-Identifier": "the-id" });
});

test("[EXT-25] a function without a handler has an empty one", () => {
  const answer = renderOutcome({ kind: "registered", identifier: "the-id" }, { ...facts, handler: "" });
  expect(answer.body).toContain('"handler":""');
});

test("[EXT-26] the account comes first where it was asked for", () => {
  const answer = renderOutcome({ kind: "registered", identifier: "the-id" }, facts, true);
  expect(answer.body).toBe(
    '{"accountId":"123456789012","functionName":"parcel-labels","functionVersion":"$LATEST","handler":"labels.print"}\n',
  );
});

test("[RT-06, EXT-04] what is accepted is answered 202", () => {
  const answer = renderOutcome({ kind: "accepted" }, facts);
  expect(answer).toMatchObject({ status: 202, body: '{"status":"OK"}\n' });
  expect(pairs(answer)).toEqual({ "Content-Type": "application/json", "Content-Length": "16" });
});

test("a restored runtime and switched-off extensions get empty answers", () => {
  expect(renderOutcome({ kind: "restored" }, facts)).toMatchObject({ status: 200, body: "" });
  expect(renderOutcome({ kind: "switched off" }, facts)).toMatchObject({ status: 404, body: "" });
});

test("[RT-04, RT-05, EXT-03] a refusal is JSON in this order, with its escapes and a line feed", () => {
  const refusal = { status: 403, errorType: "Extension.InvalidEventType", errorMessage: "<&>: no" };
  const answer = renderOutcome({ kind: "refused", refusal }, facts);
  expect(answer).toMatchObject({
    status: 403,
    body: '{"errorMessage":"\\u003c\\u0026\\u003e: no","errorType":"Extension.InvalidEventType"}\n',
  });
  expect(pairs(answer)["Content-Type"]).toBe("application/json");
});

test("an outcome that is no answer is a fault of ours", () => {
  expect(renderOutcome({ kind: "may subscribe", extensionName: "x" }, facts).status).toBe(500);
  expect(renderOutcome({ kind: "read body", stream: false, maxBytes: 1 }, facts).status).toBe(500);
});
