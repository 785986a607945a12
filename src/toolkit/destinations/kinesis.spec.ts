import { expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import { error, json, type Json, send, simulatedService } from "./aws/aws-service.spec-support.ts";
import type { Destination } from "./destination.ts";
import { kinesis, type KinesisSettings } from "./kinesis.ts";

const service = simulatedService();
const make = (more: Partial<KinesisSettings> = {}): Destination =>
  kinesis({ stream: "lines", endpoint: service.endpoint, ...more });
const sent = (): Json => JSON.parse(service.sink.received[0]!.body.toString());
const keys = (): string[] => sent().Records.map(({ PartitionKey }: { PartitionKey: string }) => PartitionKey);
const taken = json({ FailedRecordCount: 0, Records: [{ SequenceNumber: "1", ShardId: "s" }] });

const requestId = "11111111-2222-4333-8444-555555555555";
const start = { time: "2026-04-11T06:20:00.520Z", type: "platform.start", record: { requestId } };

test("puts records under the key of their environment", async () => {
  service.sink.answer = taken;
  expect(await send(make(), [start, line("one")])).toEqual({ kind: "delivered" });
  expect(sent().StreamName).toBe("lines");
  expect(JSON.parse(Buffer.from(sent().Records[1].Data, "base64").toString())).toMatchObject({
    id: "id-1",
    record: "one",
  });
  expect(keys()).toEqual([origin.processId, origin.processId]);
  expect(service.sink.received[0]!.headers["x-amz-target"]).toBe("Kinesis_20131202.PutRecords");
});

test("puts them under the key of their invocation, once there is one", async () => {
  service.sink.answer = taken;
  await send(make({ partitionKey: "invocation" }), [line("before"), start, line("during")]);
  expect(keys()).toEqual([origin.processId, requestId, requestId]);
});

test("cuts keys of one's own at 256 characters, and has one where they have none", async () => {
  service.sink.answer = taken;
  await send(make({ partitionKey: ({ record }) => String(record) }), [line("k".repeat(300)), line("")]);
  expect(keys()).toEqual(["k".repeat(256), origin.processId]);
});

test("takes an ARN, and the region from it", async () => {
  service.sink.answer = taken;
  const stream = "arn:aws:kinesis:ap-southeast-2:222233334444:stream/lines";
  await send(make({ stream }), [line("x")]);
  expect(sent()).toMatchObject({ StreamARN: stream });
  expect(service.sink.received[0]!.headers.authorization).toContain("/ap-southeast-2/kinesis/aws4_request");
});

test("sends again only the records that failed", async () => {
  const full = { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded for shard" };
  const broken = { ErrorCode: "InternalFailure", ErrorMessage: "Internal service failure." };
  service.sink.answer = json({ FailedRecordCount: 2, Records: [full, { SequenceNumber: "1" }, broken] });
  expect(await send(make(), [line("0"), line("1"), line("2")])).toMatchObject({
    kind: "partly",
    failed: [
      { index: 0, retry: true, reason: "ProvisionedThroughputExceededException: Rate exceeded for shard" },
      { index: 2, retry: true },
    ],
  });
});

test.each([
  ["ProvisionedThroughputExceededException", 400, "try later"],
  ["KMSThrottlingException", 400, "try later"],
  ["InternalFailureException", 500, "try later"],
  ["KMSAccessDeniedException", 400, "closed"],
  ["KMSDisabledException", 400, "closed"],
  ["ResourceNotFoundException", 400, "closed"],
  ["AccessDeniedException", 400, "closed"],
])("takes %s (%i) for %s", async (name, code, kind) => {
  service.sink.answer = error(name, code);
  expect(await send(make(), [line("x")])).toMatchObject({ kind, reason: expect.stringContaining(name) });
});

test("counts the key with its record, and has limits that every stream keeps to unless told more", () => {
  expect(make().limits).toEqual({ maxItems: 500, maxBytes: 5 * 1024 * 1024, maxItemBytes: 1024 * 1024 });
  const ten = 10 * 1024 * 1024;
  expect(make({ maxBytes: ten, maxRecordBytes: ten }).limits).toEqual({
    maxItems: 500,
    maxBytes: ten,
    maxItemBytes: ten,
  });
  const [item] = make({ line: () => "ü", partitionKey: () => "key" }).encode(line("x"), origin, "id");
  expect(item?.bytes).toBe(5);
});
