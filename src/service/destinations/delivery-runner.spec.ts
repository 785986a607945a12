import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { MovedClock } from "../../../test/fixtures/moved-clock.ts";
import { noJournal } from "../events/event-journal.ts";
import { noMetrics } from "../invoke/invocation-metrics.ts";
import type { Delivery } from "./delivery.ts";
import { DeliveryRunner } from "./delivery-runner.ts";
import type { Sending } from "./send-delivery.ts";

const delivery = (kind: Delivery["kind"]): Delivery => ({
  id: "d",
  target: { region: "us-east-1", name: "f" },
  functionArn: "arn:f",
  requestId: "id",
  destinationArn: "arn:aws:sqs:us-east-1:000000000000:q",
  kind,
  succeeded: false,
  body: Buffer.from("{}"),
  createdAt: 0,
});

function runner(sending: Sending, journal = noJournal) {
  const clock = new MovedClock(0);
  const [tries, failed, faults]: [number[], string[], unknown[]] = [[], [], []];
  const deliveries = new DeliveryRunner({
    clock,
    journal,
    faulted: (cause) => void faults.push(cause),
    metrics: {
      ...noMetrics,
      destinationFailed: () => void failed.push("destination"),
      deadLetterFailed: () => void failed.push("dead letter"),
    },
    outbox: [],
    send: () => {
      tries.push(clock.now());
      return Promise.resolve(sending);
    },
  });
  return { clock, tries, failed, faults, deliveries };
}

test.each([
  ["destination", "destination"],
  ["dlq", "dead letter"],
] as const)(
  "[SVC-195] [OBS-50] a refused %s is tried again three times, a second apart, and then kept and counted",
  async (kind, counted) => {
    const { clock, tries, failed, deliveries } = runner({ kind: "refused", why: "no" });
    deliveries.run(delivery(kind));
    for (let ms = 0; ms < 10_000; ms += 500) {
      await setImmediate();
      clock.move(500);
    }
    expect(tries).toEqual([0, 1000, 2000, 3000]);
    expect(deliveries.outbox).toMatchObject([{ error: "no" }]);
    expect(failed).toEqual([counted]);
  },
);

test("[SVC-191] what nobody takes is kept without an error, and what is sent is not kept", async () => {
  const kept = runner({ kind: "kept" });
  kept.deliveries.run(delivery("destination"));
  const sent = runner({ kind: "sent" });
  sent.deliveries.run(delivery("destination"));
  await setImmediate();
  expect([kept.deliveries.outbox.length, kept.failed, sent.deliveries.outbox.length]).toEqual([1, [], 0]);
});

test("a stop calls off the tries that are to come", async () => {
  const { clock, tries, deliveries } = runner({ kind: "refused", why: "no" });
  deliveries.run(delivery("destination"));
  await setImmediate();
  await deliveries.stop();
  clock.move(10_000);
  expect([tries, clock.waiting]).toEqual([[0], 0]);
});

test.each([
  ["was sent", "sent", 0],
  ["nobody takes", "kept", 1],
] as const)("that a record %s is told when it cannot be noted, and nothing else comes of it", async (_, kind, left) => {
  const full = new Error("database or disk is full");
  const endDelivery = (): void => {
    throw full;
  };
  const { deliveries, faults, tries } = runner({ kind }, { ...noJournal, endDelivery });
  deliveries.run(delivery("destination"));
  await setImmediate();
  expect([faults, deliveries.outbox.length, tries]).toEqual([[full], left, [0]]);
  await deliveries.stop();
});
