import { expect, test } from "vitest";
import type { EventInvokeSettings } from "../directory.ts";
import { afterAttempt, afterRestart, tooOld } from "./after-attempt.ts";
import type { AttemptOutcome, QueuedEvent } from "./queued-event.ts";

const accepted = 1_000_000;
const delays = [60_000, 120_000];

const anEvent = (changes: Partial<QueuedEvent> = {}): QueuedEvent => ({
  requestId: "id",
  target: { region: "us-east-1", name: "f" },
  payload: Buffer.from("{}"),
  acceptedAt: accepted,
  attempts: 0,
  putBacks: 0,
  dueAt: accepted,
  ...changes,
});

const failure: AttemptOutcome = { kind: "failure", response: { statusCode: 200, functionError: "Unhandled" } };
const success: AttemptOutcome = { kind: "success", response: { statusCode: 200 } };

const after = (event: QueuedEvent, outcome: AttemptOutcome, settings: EventInvokeSettings = {}, now = accepted) =>
  afterAttempt(event, outcome, settings, delays, now);

test("[SVC-170] a failure is tried again after the first and then the second delay, and then given up", () => {
  expect(after(anEvent(), failure)).toMatchObject({ event: { attempts: 1, dueAt: accepted + 60_000 } });
  expect(after(anEvent({ attempts: 1 }), failure)).toMatchObject({ event: { attempts: 2, dueAt: accepted + 120_000 } });
  expect(after(anEvent({ attempts: 2 }), failure)).toMatchObject({
    kind: "over",
    end: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
  });
});

test.each([0, 1, 2])("[SVC-170] [SVC-181] with %i retries there is one attempt more", (maximumRetryAttempts) => {
  expect(after(anEvent({ attempts: maximumRetryAttempts }), failure, { maximumRetryAttempts })).toMatchObject({
    end: { condition: "RetriesExhausted", approximateInvokeCount: maximumRetryAttempts + 1 },
  });
});

test("[SVC-186] a success ends the event with a count of 1, whatever came before", () => {
  expect(after(anEvent({ attempts: 2 }), success)).toMatchObject({
    end: { condition: "Success", approximateInvokeCount: 1 },
  });
});

test("[SVC-172] events put back wait 1 s, then twice as long each time, 300 s at most, and keep their attempts", () => {
  const waits: number[] = [];
  for (let putBacks = 0; putBacks < 12; putBacks++) {
    const verdict = after(anEvent({ attempts: 1, putBacks }), { kind: "put back" });
    expect(verdict).toMatchObject({ kind: "again", event: { attempts: 1, putBacks: putBacks + 1 } });
    waits.push((verdict as { event: QueuedEvent }).event.dueAt - accepted);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1000));
});

test("[SVC-173] nobody is put back for longer than until the event is too old", () => {
  const settings = { maximumEventAgeSeconds: 60 };
  expect(after(anEvent({ putBacks: 8 }), { kind: "put back" }, settings)).toMatchObject({
    event: { dueAt: accepted + 60_000 },
  });
  expect(tooOld(anEvent(), settings, accepted + 59_999)).toBeUndefined();
  expect(tooOld(anEvent(), settings, accepted + 60_000)).toEqual({
    condition: "EventAgeExceeded",
    approximateInvokeCount: 0,
    response: { statusCode: 429 },
  });
});

test("[SVC-173] six hours is the greatest age when nothing else is said", () => {
  expect(tooOld(anEvent(), {}, accepted + 21_599_999)).toBeUndefined();
  expect(tooOld(anEvent({ attempts: 1, last: { statusCode: 200 } }), {}, accepted + 21_600_000)).toMatchObject({
    approximateInvokeCount: 1,
    response: { statusCode: 200 },
  });
});

test("[SVC-173] a retry that would come too late ends the event at once, with its last response", () => {
  expect(after(anEvent(), failure, { maximumEventAgeSeconds: 60 }, accepted + 1)).toMatchObject({
    end: { condition: "EventAgeExceeded", approximateInvokeCount: 1, response: { functionError: "Unhandled" } },
  });
});

test("[SVC-203] a function that may never run ends its events without a response", () => {
  expect(after(anEvent(), { kind: "never" })).toEqual({
    kind: "over",
    end: { condition: "ZeroReservedConcurrency", approximateInvokeCount: 0 },
  });
});

test("[SVC-22] after a restart an event is as it was, but waits no longer than any does where the clock was ahead", () => {
  const waiting = anEvent({ attempts: 1, dueAt: accepted + 60_000 });
  expect(afterRestart(waiting, delays, accepted + 5)).toEqual(waiting);
  const ahead = anEvent({ acceptedAt: accepted + 864_000_000, dueAt: accepted + 864_060_000 });
  expect(afterRestart(ahead, delays, accepted)).toMatchObject({ acceptedAt: accepted, dueAt: accepted + 300_000 });
  expect(afterRestart(ahead, [600_000], accepted)).toMatchObject({ dueAt: accepted + 600_000 });
});
