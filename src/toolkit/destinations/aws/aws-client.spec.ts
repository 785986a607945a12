import { afterEach, expect, test, vi } from "vitest";
import { line } from "../../delivery/simulated-destination.spec-support.ts";
import { status } from "../../../../test/fixtures/http-sink.ts";
import { firehose } from "../firehose.ts";
import { error, json, send, simulatedService } from "./aws-service.spec-support.ts";

const service = simulatedService();
afterEach(() => void vi.useRealTimers());

const taken = json({ FailedPutCount: 0, RequestResponses: [{ RecordId: "a" }] });
const dates = (): unknown[] => service.sink.received.map(({ headers }) => headers["x-amz-date"]);

const now = new Date("2026-04-11T06:20:00.000Z");
const movedClock = (): void => void vi.useFakeTimers({ toFake: ["Date"], now });

const wrongTime = (date: string) =>
  status(403, JSON.stringify({ __type: "InvalidSignatureException", message: "Signature not yet current" }), {
    Date: date,
  });

test("signs with the service's time when its own is wrong, from then on", async () => {
  movedClock();
  service.sink.answer = (received, response) => {
    service.sink.answer = taken;
    wrongTime("Sat, 11 Apr 2026 07:20:00 GMT")(received, response);
  };
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toEqual({ kind: "delivered" });
  expect(await send(to, [line("x")])).toEqual({ kind: "delivered" });
  expect(dates()).toEqual(["20260411T062000Z", "20260411T072000Z", "20260411T072000Z"]);
});

test("does not take every wrong signature for a wrong time", async () => {
  movedClock();
  service.sink.answer = wrongTime("Sat, 11 Apr 2026 06:21:00 GMT");
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toMatchObject({ kind: "closed" });
  expect(service.sink.received).toHaveLength(1);
});

test("asks for new keys when those it has are expired, where keys are renewed", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${service.endpoint}/credentials`);
  vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in");
  const keys = (name: string) => json({ AccessKeyId: name, SecretAccessKey: "s", Token: "t" });
  const answers = [keys("OLD"), error("ExpiredTokenException"), keys("NEW"), taken];
  service.sink.answer = (received, response) => answers.shift()!(received, response);
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toEqual({ kind: "delivered" });
  expect(service.sink.received.map(({ url }) => url)).toEqual(["/credentials", "/", "/credentials", "/"]);
  expect(service.sink.received.at(-1)!.headers.authorization).toContain("Credential=NEW/");
});

test("does not send again with the keys that are expired", async () => {
  service.sink.answer = error("ExpiredTokenException");
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toMatchObject({ kind: "closed", reason: "ExpiredTokenException: said so" });
  expect(service.sink.received).toHaveLength(1);
});

test.each([
  ["a name in a header", status(400, "", { "x-amzn-ErrorType": "ThrottlingException:http://internal/" })],
  ["a status alone", status(429)],
  ["a gateway's page", status(502, "<html>Bad Gateway</html>")],
])("understands %s", async (_, answer) => {
  service.sink.answer = answer;
  expect(await send(firehose({ stream: "lines", endpoint: service.endpoint }), [line("x")])).toMatchObject({
    kind: "try later",
  });
});

test("waits as long as Retry-After says", async () => {
  service.sink.answer = status(400, '{"__type":"ThrottlingException"}', { "Retry-After": "7" });
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toMatchObject({ kind: "try later", afterMs: 7000 });
});

test("tries halves when a request is too large for the gateway, whatever that calls it", async () => {
  service.sink.answer = error("RequestEntityTooLargeException", 413);
  const to = firehose({ stream: "lines", endpoint: service.endpoint });
  expect(await send(to, [line("x")])).toEqual({ kind: "too large" });
});
