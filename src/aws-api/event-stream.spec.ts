import { EventStreamCodec } from "@smithy/eventstream-codec";
import { expect, test } from "vitest";
import { eventFrame } from "./event-stream.ts";

const codec = new EventStreamCodec(
  (input) => Buffer.from(input as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text),
);

test.each([0, 1, 70_000])("[SVC-154] AWS's own codec reads a frame with %i bytes of payload", (bytes) => {
  const payload = Buffer.alloc(bytes, "é");
  const message = codec.decode(eventFrame("PayloadChunk", "application/octet-stream", payload));
  expect(Buffer.from(message.body)).toEqual(payload);
  expect(message.headers).toEqual({
    ":event-type": { type: "string", value: "PayloadChunk" },
    ":content-type": { type: "string", value: "application/octet-stream" },
    ":message-type": { type: "string", value: "event" },
  });
});

test("[SVC-154] [SVC-155] a frame is laid out as written: lengths, checksum, headers in their order, payload, checksum", () => {
  const frame = Buffer.from(eventFrame("InvokeComplete", "application/json", Buffer.from("{}")));
  expect(frame.readUInt32BE(0)).toBe(frame.length);
  const headerBytes = frame.readUInt32BE(4);
  expect(frame.subarray(12, 12 + headerBytes).toString("latin1")).toBe(
    "\x0b:event-type\x07\x00\x0eInvokeComplete\x0d:content-type\x07\x00\x10application/json\x0d:message-type\x07\x00\x05event",
  );
  expect(frame.subarray(12 + headerBytes, -4).toString()).toBe("{}");
});
