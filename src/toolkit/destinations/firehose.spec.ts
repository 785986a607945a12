import { expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import { error, json, send, simulatedService } from "./aws/aws-service.spec-support.ts";
import type { Destination } from "./destination.ts";
import { firehose, type FirehoseSettings } from "./firehose.ts";

const service = simulatedService();
const make = (more: Partial<FirehoseSettings> = {}): Destination =>
  firehose({ stream: "lines", endpoint: service.endpoint, ...more });
const taken = json({ FailedPutCount: 0, RequestResponses: [{ RecordId: "a" }, { RecordId: "b" }] });

test("puts a line for each record, with where it comes from, signed with the function's role", async () => {
  service.sink.answer = taken;
  expect(await send(make(), [line("one\n"), line("two\n")])).toEqual({ kind: "delivered" });
  const [{ headers, body } = service.sink.received[0]!] = service.sink.received;
  expect(headers).toMatchObject({
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "Firehose_20150804.PutRecordBatch",
    "x-amz-security-token": "token",
    authorization: expect.stringContaining("/eu-north-1/firehose/aws4_request"),
  });
  const { DeliveryStreamName, Records } = JSON.parse(body.toString());
  expect(DeliveryStreamName).toBe("lines");
  const text = Records.map(({ Data }: { Data: string }) => Buffer.from(Data, "base64").toString()).join("");
  const from = { type: "function", function: "orders", version: "$LATEST", environment: origin.processId };
  const time = "2026-04-11T06:20:00.540Z";
  expect(text).toBe(
    [
      { id: "id-0", time, ...from, record: "one\n" },
      { id: "id-1", time, ...from, record: "two\n" },
    ]
      .map((one) => `${JSON.stringify({ id: one.id, time, ...from, record: one.record })}\n`)
      .join(""),
  );
});

test("sends again only the records that failed", async () => {
  const failure = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." };
  service.sink.answer = json({ FailedPutCount: 1, RequestResponses: [{ RecordId: "a" }, failure, { RecordId: "c" }] });
  expect(await send(make(), [line("0"), line("1"), line("2")])).toEqual({
    kind: "partly",
    failed: [{ index: 1, reason: "ServiceUnavailableException: Slow down.", retry: true }],
  });
});

test("reads an answer about 500 records to its end", async () => {
  const long = Array.from({ length: 500 }, (_, at) => ({ RecordId: `${at}`.padEnd(260, "x") }));
  service.sink.answer = json({ FailedPutCount: 0, RequestResponses: long });
  expect(await send(make(), [line("x")])).toEqual({ kind: "delivered" });
});

test.each([
  ["ServiceUnavailableException", 500, "try later"],
  ["ThrottlingException", 400, "try later"],
  ["InternalFailure", 500, "try later"],
  ["ResourceNotFoundException", 400, "closed"],
  ["InvalidKMSResourceException", 400, "closed"],
  ["InvalidSourceException", 400, "closed"],
  ["AccessDeniedException", 400, "closed"],
  ["UnrecognizedClientException", 400, "closed"],
])("takes %s (%i) for %s", async (name, code, kind) => {
  service.sink.answer = error(name, code);
  expect(await send(make(), [line("x")])).toMatchObject({ kind, reason: expect.stringContaining(name) });
});

test.each([
  ["Records size exceeds 4 MB limit", "refused"],
  ["This operation is not permitted on KinesisStreamAsSource delivery stream type.", "closed"],
])("looks for a record at fault only where one is: %s", async (message, kind) => {
  service.sink.answer = error("InvalidArgumentException", 400, message);
  expect(await send(make(), [line("x")])).toMatchObject({ kind });
});

test("has the limits of PutRecordBatch, the line end counted and base64 not", () => {
  expect(make().limits).toEqual({ maxItems: 500, maxBytes: 4 * 1024 * 1024, maxItemBytes: 1000 * 1024 });
  const [item] = make({ line: () => "ü" }).encode(line("x"), origin, "id");
  expect(item).toMatchObject({ body: "ü\n", bytes: 3 });
});

test("leaves out what its line leaves out", () => {
  expect(make({ line: () => undefined }).encode(line("x"), origin, "id")).toEqual([]);
});
