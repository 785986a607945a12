/** Frames of `application/vnd.amazon.eventstream`, as Live Tail and response streams send them. */
import { EventStreamCodec } from "@smithy/eventstream-codec";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

const text = (value: string) => ({ type: "string" as const, value });

/** A frame with an event of that type and its payload. */
export const eventFrame = (eventType: string, contentType: string, payload: Uint8Array): Uint8Array =>
  codec.encode({
    headers: {
      ":message-type": text("event"),
      ":event-type": text(eventType),
      ":content-type": text(contentType),
    },
    body: payload,
  });

export const jsonEventFrame = (eventType: string, payload: object): Uint8Array =>
  eventFrame(eventType, "application/json", Buffer.from(JSON.stringify(payload)));

/** A frame with an error that AWS's model has for the stream. */
export const exceptionFrame = (exceptionType: string, message: string): Uint8Array =>
  codec.encode({
    headers: {
      ":message-type": text("exception"),
      ":exception-type": text(exceptionType),
      ":content-type": text("application/json"),
    },
    body: Buffer.from(JSON.stringify({ message })),
  });
