import * as fc from "fast-check";
import { expect, test } from "vitest";
import { eventsOf, SimulatedHost, type DeliveredEvent, type Meeting } from "../../test/conformance/simulated-host.ts";
import type { DeliveryCounters } from "./delivery-counters.ts";
import type { OutgoingBatch } from "./delivery-effects.ts";

/** What may happen to an environment, in any order. */
type Step =
  | { readonly step: "write"; readonly lines: number; readonly bytes: number }
  | { readonly step: "wait"; readonly ms: number }
  | { readonly step: "meet"; readonly subscription: number; readonly meeting: Meeting }
  | { readonly step: "conclude"; readonly how: "acknowledged" | "failed" }
  | { readonly step: "subscribe"; readonly types: readonly string[]; readonly protocol: "HTTP" | "TCP" }
  | { readonly step: "freeze" | "thaw" | "reset" | "flush" | "stream ends" | "shut down" };

const types = fc.constantFrom<readonly string[]>(["platform", "function"], ["function"], ["platform"]);

const waits: fc.Arbitrary<Step> = fc.record({ step: fc.constant("wait"), ms: fc.constantFrom(1, 10, 30, 300, 6000) });
const subscribes: fc.Arbitrary<Step> = fc.record({
  step: fc.constant("subscribe"),
  types,
  protocol: fc.constantFrom<"HTTP" | "TCP">("HTTP", "TCP"),
});
const moments: fc.Arbitrary<Step> = fc.record({
  step: fc.constantFrom<"freeze" | "thaw" | "reset" | "flush" | "stream ends" | "shut down">(
    "freeze",
    "thaw",
    "reset",
    "flush",
    "stream ends",
    "shut down",
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant("write"),
      lines: fc.constantFrom(1, 3, 20, 400, 1100),
      bytes: fc.constantFrom(1, 1, 1, 400),
    }),
  },
  { weight: 4, arbitrary: waits },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant("meet"),
      subscription: fc.integer({ min: 1, max: 4 }),
      meeting: fc.constantFrom<Meeting>("acknowledge", "fail", "stay silent"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant("conclude"),
      how: fc.constantFrom<"acknowledged" | "failed">("acknowledged", "failed"),
    }),
  },
  { weight: 1, arbitrary: subscribes },
  { weight: 3, arbitrary: moments },
);

class Play {
  readonly host = new SimulatedHost({ backlogFactor: 1 });
  #written = 0;
  #subscriptions = 0;
  readonly #firstLine: number[] = [];
  #initBeganAt = 0;

  subscribe(wanted: readonly string[], protocol: "HTTP" | "TCP"): void {
    this.#subscriptions++;
    const port = 5000 + this.#subscriptions;
    const destination = protocol === "TCP" ? { protocol, port } : { protocol, URI: `http://sandbox:${port}/` };
    const buffering = { maxItems: 1000, timeoutMs: 25 };
    this.#firstLine.push(wanted.includes("function") ? this.#initBeganAt : Infinity);
    this.host.subscribe({ name: `x${port}`, types: wanted, destination, buffering });
  }

  perform(step: Step): void {
    const { host } = this;
    switch (step.step) {
      case "write":
        for (let i = 0; i < step.lines; i++) host.write(`${this.#written++} ${"x".repeat(step.bytes)}`);
        return;
      case "wait":
        return host.advance(step.ms);
      case "meet":
        host.meetings.set(step.subscription, step.meeting);
        return;
      case "conclude":
        return host.concludeAll(step.how);
      case "subscribe":
        return this.subscribe(step.types, step.protocol);
      case "freeze":
        return host.tell({ event: "frozen" });
      case "thaw":
        return host.tell({ event: "thawed" });
      case "reset":
        host.tell({ event: "generation ended" });
        this.#initBeganAt = this.#written;
        return host.tell({ event: "init began" });
      case "flush":
        return host.tell({ event: "flush requested", withinMs: 1000 });
      case "stream ends":
        return host.tell({ event: "stream ended" });
      case "shut down":
        return host.tell({ event: "shutdown delivered" });
      default:
        return step satisfies never;
    }
  }

  /** The lines a subscription sees when nothing is dropped: those since the Init it was made in began. */
  linesFor(id: number): readonly number[] {
    const all = Array.from({ length: this.#written }, (_, line) => line);
    return all.filter((line) => line >= Number(this.#firstLine[id - 1]));
  }

  /** Every listener is well again and hears everything that is left. */
  recover(): void {
    const { host } = this;
    host.tell({ event: "thawed" });
    for (const { id } of host.hub.status()) host.meetings.set(id, "acknowledge");
    host.concludeAll("acknowledged");
    host.advance(10_000);
    host.tell({ event: "flush requested", withinMs: 1000 });
    host.advance(10_000);
  }
}

const script = fc.array(step, { maxLength: 20 });

function play(steps: readonly Step[], after: (play: Play) => void): Play {
  const played = new Play();
  played.subscribe(["platform", "function"], "HTTP");
  for (const next of steps) {
    played.perform(next);
    after(played);
  }
  return played;
}

const difference = ({ produced, acknowledged, dropped, queued }: DeliveryCounters): readonly number[] => [
  produced.events - acknowledged.events - dropped.events - queued.events,
  produced.bytes - acknowledged.bytes - dropped.bytes - queued.bytes,
];

/** The distinct batches of a subscription: an attempt may be repeated, an event may not stand in two batches. */
function batchesOf(played: Play, id: number): readonly OutgoingBatch[] {
  const attempts = played.host.attempts.filter(({ subscription }) => subscription === id);
  return [...new Set(attempts.map(({ batch }) => batch))];
}

const receivedBy = (played: Play, id: number): readonly DeliveredEvent[] => batchesOf(played, id).flatMap(eventsOf);

const lineNumbers = (events: readonly DeliveredEvent[]): readonly number[] =>
  events.filter(({ type }) => type === "function").map(({ record }) => Number.parseInt(record as string, 10));

const dropReports = (events: readonly DeliveredEvent[]): readonly number[] =>
  events
    .filter(({ type }) => type === "platform.logsDropped")
    .map(({ record }) => (record as { droppedRecords: number }).droppedRecords);

/** For each line how far it lies beyond where the lines and reports before it say it may be. */
function excesses(events: readonly DeliveredEvent[]): readonly number[] {
  const found: number[] = [];
  let next = 0;
  for (const event of events) {
    for (const count of dropReports([event])) next += count;
    for (const line of lineNumbers([event])) {
      found.push(line - next);
      next = line + 1;
    }
  }
  return found;
}

test("[DLV-55, DLV-59] produced = acknowledged + dropped + queued, in events and bytes, after every step", () => {
  fc.assert(
    fc.property(script, (steps) => {
      play(steps, ({ host }) => {
        for (const { counters } of host.hub.status()) expect(difference(counters)).toEqual([0, 0]);
      });
    }),
    { numRuns: 60 },
  );
});

test("[DLV-56] and when the environment is destroyed in the middle of anything", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const { host } = play(steps, () => {});
      const amounts = (): readonly unknown[] =>
        host.hub
          .status()
          .map(({ counters: { produced, acknowledged, dropped, queued } }) => [
            produced,
            acknowledged,
            dropped,
            queued,
          ]);
      const before = amounts();
      host.tell({ event: "destroyed" });
      expect(amounts()).toEqual(before);
      expect([host.underWay.size, host.timers.size]).toEqual([0, 0]);
    }),
    { numRuns: 40 },
  );
});

test("[DLV-31, DLV-58, DLV-76] a listener that comes back gets every event once, or a report that counts it", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const played = play(steps, () => {});
      played.recover();
      const { produced, queued } = played.host.status(1).counters;
      const received = receivedBy(played, 1);
      const reports = dropReports(received);
      const lost = reports.reduce((sum, count) => sum + count, 0);
      expect(queued.events).toBe(0);
      expect(received.length - reports.length + lost).toBe(produced.events - reports.length);
    }),
    { numRuns: 60 },
  );
});

test("[TEL-89, DLV-37, DLV-38] without drops each subscription gets exactly the lines since its Init began, once, in order", () => {
  const few = fc.record({ step: fc.constant("write" as const), lines: fc.nat(60), bytes: fc.constant(1) });
  fc.assert(
    fc.property(fc.array(fc.oneof(few, subscribes, moments, waits), { maxLength: 25 }), (steps) => {
      const played = play(steps, () => {});
      played.recover();
      for (const { id } of played.host.hub.status()) {
        expect(lineNumbers(receivedBy(played, id))).toEqual(played.linesFor(id));
      }
    }),
    { numRuns: 150 },
  );
});

test("[DLV-24] while nothing is frozen and the listener answers, every line is sent within timeoutMs", () => {
  const few = fc.record({ step: fc.constant("write" as const), lines: fc.nat(40), bytes: fc.constant(1) });
  fc.assert(
    fc.property(fc.array(fc.oneof(few, waits), { maxLength: 30 }), (steps) => {
      const { host } = play(steps, () => {});
      host.advance(1000);
      const delays = host.attempts.flatMap(({ at, batch }) => eventsOf(batch).map(({ time }) => at - Date.parse(time)));
      expect(Math.max(0, ...delays)).toBeLessThanOrEqual(25);
    }),
  );
});

test("[DLV-37, DLV-44] with drops what arrives is still in order", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const played = play(steps, () => {});
      played.recover();
      for (const { id } of played.host.hub.status()) {
        const numbers = lineNumbers(receivedBy(played, id));
        expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
      }
    }),
    { numRuns: 40 },
  );
});

test("[DLV-23] no batch exceeds its limits by more than one event", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const { host } = play(steps, () => {});
      for (const { batch } of host.attempts) {
        expect(batch.events).toBeLessThanOrEqual(1000);
        expect(batch.bodyBytes).toBeLessThanOrEqual(262_144 + 1000 + 600);
      }
    }),
    { numRuns: 40 },
  );
});

test("[DLV-48] no line stands beyond the gap that a report before it accounts for", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const played = play(steps, () => {});
      played.recover();
      // Subscription events may be among the dropped, so that a report may count more than lines, never fewer.
      expect(excesses(receivedBy(played, 1)).filter((excess) => excess > 0)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
