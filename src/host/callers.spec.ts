import { expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import { MovedClock } from "../../test/fixtures/moved-clock.ts";
import type { InvocationAnswer } from "../environment/invocation.ts";
import type { Report } from "../protocol/telemetry-records.ts";
import { Callers } from "./callers.ts";
import { newInvocation } from "./new-invocation.ts";

const reportOf = (requestId: string): Report => ({
  type: "platform.report",
  requestId,
  durationMs: 1,
  billedDurationMs: 1,
  memorySizeMB: 128,
  maxMemoryUsedMB: 50,
  spans: [],
  status: "success",
});

const stopped: InvocationAnswer = {
  kind: "service error",
  exception: "ServiceException",
  status: 500,
  message: "stopped",
};

function invoked() {
  const callers = new Callers(new MovedClock(), true);
  const inFlight = callers.add(newInvocation(hostedFunction(), {}, 0));
  return { callers, inFlight, requestId: inFlight.requestId };
}

test("[RT-33] answers before the phase is over, and concludes with report and tail when it is", async () => {
  const { callers, inFlight, requestId } = invoked();
  const answer: InvocationAnswer = { kind: "response", body: Buffer.from("body"), contentType: undefined };
  callers.answer(requestId, answer, () => "unused");
  expect(await inFlight.answered).toBe(answer);
  callers.conclude(reportOf(requestId), "tail");
  expect(await inFlight.concluded).toEqual({ answer, report: reportOf(requestId), logTail: "tail" });
});

test.each([
  [{ kind: "response", body: Buffer.from("plain"), contentType: undefined }, "plain"],
  [{ kind: "posted error", body: Buffer.from('{"a":1}') }, '{"a":1}'],
  [
    { kind: "platform error", payload: { errorType: "Sandbox.Timedout", errorMessage: "late" } },
    '{"errorType":"Sandbox.Timedout","errorMessage":"late"}',
  ],
  [{ kind: "streamed response" }, ""],
] as const)("[RT-102] hands the caller the bytes of an answer: %j", async (answer, text) => {
  const { callers, inFlight, requestId } = invoked();
  callers.answer(requestId, answer, () => "");
  const pieces: Buffer[] = [];
  for await (const piece of inFlight.stream) pieces.push(piece as Buffer);
  expect(Buffer.concat(pieces).toString()).toBe(text);
});

test("[RT-88, LIFE-80] concludes an error of the service without a report", async () => {
  const { callers, inFlight, requestId } = invoked();
  callers.answer(requestId, stopped, () => "tail");
  expect(await inFlight.concluded).toEqual({ answer: stopped, report: undefined, logTail: "tail" });
});

test("leaves nobody waiting when the environment is gone", async () => {
  const { callers, inFlight } = invoked();
  callers.endAll(stopped);
  expect((await inFlight.concluded).answer).toBe(stopped);
});

test("concludes with the answer that was given, when the environment is gone before the report", async () => {
  const { callers, inFlight, requestId } = invoked();
  const answer: InvocationAnswer = { kind: "response", body: Buffer.from("body"), contentType: undefined };
  callers.answer(requestId, answer, () => "");
  callers.endAll(stopped);
  expect(await inFlight.answered).toBe(answer);
  expect((await inFlight.concluded).report).toBeUndefined();
});

test("ignores answers and reports of invocations it does not know", () => {
  const { callers } = invoked();
  callers.answer("unknown", stopped, () => "");
  callers.conclude(reportOf("unknown"), "");
  expect(callers.stream("unknown")).toBeUndefined();
});
