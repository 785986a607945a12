import { expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import { error, json, type Json, send, simulatedService } from "./aws/aws-service.spec-support.ts";
import type { Destination } from "./destination.ts";
import { sqs, type SqsSettings } from "./sqs.ts";

const service = simulatedService();
const standard = "https://sqs.ap-southeast-2.amazonaws.com/222233334444/lines";
const fifo = `${standard}.fifo`;
const make = (more: Partial<SqsSettings> = {}): Destination =>
  sqs({ queueUrl: standard, endpoint: service.endpoint, ...more });
const sent = (): Json => JSON.parse(service.sink.received[0]!.body.toString());
const taken = json({ Successful: [{ Id: "0" }], Failed: [] });

test("sends a message for each record to the queue's own region", async () => {
  service.sink.answer = taken;
  expect(await send(make(), [line("one"), line("two")])).toEqual({ kind: "delivered" });
  expect(sent()).toEqual({
    QueueUrl: standard,
    Entries: [
      { Id: "0", MessageBody: expect.stringContaining('"record":"one"') },
      { Id: "1", MessageBody: expect.stringContaining('"record":"two"') },
    ],
  });
  expect(service.sink.received[0]!.headers).toMatchObject({
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "AmazonSQS.SendMessageBatch",
    authorization: expect.stringContaining("/ap-southeast-2/sqs/aws4_request"),
  });
});

test("asks where the queue's URL says, in the function's region where that names none", async () => {
  service.sink.answer = taken;
  await send(sqs({ queueUrl: `${service.endpoint}/000000000042/lines` }), [line("x")]);
  expect(service.sink.received[0]).toMatchObject({
    url: "/",
    headers: { authorization: expect.stringContaining("/eu-north-1/sqs/aws4_request") },
  });
});

test("names messages of a FIFO queue by their record, so that a second one is left out", async () => {
  service.sink.answer = taken;
  const to = make({ queueUrl: fifo });
  await send(to, [line("same"), line("same")]);
  await send(to, [line("same"), line("same")]);
  const [one, other] = service.sink.received.map(({ body }) => JSON.parse(body.toString()));
  expect(one.Entries).toMatchObject([
    { MessageDeduplicationId: "id-0", MessageGroupId: origin.processId },
    { MessageDeduplicationId: "id-1", MessageGroupId: origin.processId },
  ]);
  expect(other).toEqual(one);
});

test("takes a group of one's own, in any queue", async () => {
  service.sink.answer = taken;
  await send(make({ messageGroup: (_, { functionName }) => functionName }), [line("x")]);
  expect(sent().Entries).toMatchObject([{ MessageGroupId: "orders" }]);
});

test("sends again only what failed for no fault of the message", async () => {
  const Failed = [
    { Id: "1", SenderFault: false, Code: "InternalError", Message: "Try again." },
    { Id: "2", SenderFault: true, Code: "InvalidMessageContents" },
    { Id: "3", SenderFault: true, Code: "RequestThrottled" },
    { Id: "4", SenderFault: true, Code: "KMS.DisabledException" },
  ];
  service.sink.answer = json({ Successful: [{ Id: "0" }], Failed });
  expect(
    await send(
      make(),
      Array.from({ length: 5 }, () => line("x")),
    ),
  ).toEqual({
    kind: "partly",
    failed: [
      { index: 1, reason: "InternalError: Try again.", retry: true },
      { index: 2, reason: "InvalidMessageContents", retry: false },
      { index: 3, reason: "RequestThrottled", retry: true },
      { index: 4, reason: "KMS.DisabledException", retry: true },
    ],
  });
});

test.each([
  ["com.amazonaws.sqs#RequestThrottled", 400, "try later"],
  ["com.amazonaws.sqs#KmsThrottled", 400, "try later"],
  ["com.amazonaws.sqs#InternalError", 500, "try later"],
  ["com.amazonaws.sqs#BatchRequestTooLong", 400, "too large"],
  ["com.amazonaws.sqs#InvalidMessageContents", 400, "refused"],
  ["com.amazonaws.sqs#QueueDoesNotExist", 400, "closed"],
  ["com.amazonaws.sqs#KmsAccessDenied", 400, "closed"],
  ["com.amazonaws.sqs#InvalidSecurity", 400, "closed"],
])("takes %s (%i) for %s", async (name, code, kind) => {
  service.sink.answer = error(name, code);
  expect(await send(make(), [line("x")])).toMatchObject({ kind });
});

test("replaces what no message may contain, and leaves all else as it is", async () => {
  service.sink.answer = taken;
  const text = "\t\n\r ü\u{1F600}\u007F";
  await send(make({ line: () => `${text}\u0000\u001B\uFFFE\uD800` }), [line("x")]);
  expect(sent().Entries[0].MessageBody).toBe(`${text}${"\uFFFD".repeat(4)}`);
});

test("has the limits of SendMessageBatch, in bytes", () => {
  expect(make().limits).toEqual({ maxItems: 10, maxBytes: 1024 * 1024, maxItemBytes: 1024 * 1024 });
  expect(make({ maxMessageBytes: 262_144 }).limits).toMatchObject({ maxItemBytes: 262_144 });
  expect(make({ line: () => "üü" }).encode(line("x"), origin, "id")).toMatchObject([{ bytes: 4 }]);
});
