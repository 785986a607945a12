import { expect, test } from "vitest";
import type { QueuedEvent } from "../events/queued-event.ts";
import { deadLetterAttributes, destinationRecord } from "./destination-record.ts";

const event: QueuedEvent = {
  requestId: "id",
  target: { region: "us-east-1", name: "f" },
  payload: Buffer.from('{"a":1}'),
  acceptedAt: 0,
  attempts: 0,
  putBacks: 0,
  dueAt: 0,
};

test("[SVC-185] a record has its members in AWS's order and its time in UTC with milliseconds", () => {
  const response = { statusCode: 200, executedVersion: "7", payload: Buffer.from('"ok"') };
  const end = { condition: "Success" as const, approximateInvokeCount: 1, response };
  expect(destinationRecord(event, end, "arn:f:prod", 1_790_000_000_123)).toBe(
    '{"version":"1.0","timestamp":"2026-09-21T14:13:20.123Z","requestContext":{"requestId":"id","functionArn":"arn:f:prod","condition":"Success","approximateInvokeCount":1},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"7"},"responsePayload":"ok"}',
  );
});

test("[SVC-175] [SVC-203] an attempt at nothing has a status alone, an event that may never run no response at all", () => {
  const gone = { condition: "RetriesExhausted" as const, approximateInvokeCount: 3, response: { statusCode: 404 } };
  expect(JSON.parse(destinationRecord(event, gone, "arn", 0))).toMatchObject({ responseContext: { statusCode: 404 } });
  expect(destinationRecord(event, gone, "arn", 0)).not.toContain("responsePayload");
  const never = { condition: "ZeroReservedConcurrency" as const, approximateInvokeCount: 0 };
  expect(destinationRecord(event, never, "arn", 0)).not.toContain("responseContext");
});

test("[SVC-193] the error message of a dead letter has 1,024 bytes at most, and no half a character", () => {
  const payload = Buffer.from(JSON.stringify({ errorMessage: `x${"é".repeat(1000)}`, errorType: "E" }));
  const response = { statusCode: 200, functionError: "Unhandled" as const, payload };
  const end = { condition: "RetriesExhausted" as const, approximateInvokeCount: 3, response };
  expect(deadLetterAttributes(event, end)).toEqual({
    RequestID: { type: "String", value: "id" },
    ErrorCode: { type: "Number", value: "200" },
    ErrorMessage: { type: "String", value: `x${"é".repeat(511)}` },
  });
});
