import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { EventLanes } from "./event-lanes.ts";
import type { QueuedEvent } from "./queued-event.ts";

const limits: Readonly<Record<string, number>> = { a: 1, b: 5 };

const limitOf = ({ name }: { readonly name: string }): number => limits[name] ?? 0;

let made = 0;

const anEvent = (name: string, changes: Partial<QueuedEvent> = {}): QueuedEvent => ({
  requestId: `e${++made}`,
  target: { region: "us-east-1", name },
  payload: Buffer.from("{}"),
  acceptedAt: 0,
  attempts: 0,
  putBacks: 0,
  dueAt: 0,
  ...changes,
});

const ids = (events: Iterable<QueuedEvent>): readonly string[] => [...events].map(({ requestId }) => requestId);

test("[SVC-176] events of a function start in order of acceptance, as many as may run at once", () => {
  const lanes = new EventLanes(10, () => 2);
  const events = [anEvent("a"), anEvent("a"), anEvent("a"), anEvent("b")];
  for (const event of events) lanes.add(event);
  const [first, second, third, other] = events.map(({ requestId }) => requestId);
  const taken = lanes.takeReady(0);
  expect(ids(taken)).toEqual([first, second, other]);
  expect(ids(lanes.takeReady(0))).toEqual([]);
  for (const event of taken.slice(0, 1)) lanes.ended(event);
  expect(ids(lanes.takeReady(0))).toEqual([third]);
});

test("[SVC-176] who waits for a retry may be overtaken, who was put back for want of room is not", () => {
  const lanes = new EventLanes(10, () => 10);
  const [retried, fresh] = [anEvent("a", { attempts: 1, dueAt: 100 }), anEvent("a")];
  lanes.add(retried);
  lanes.add(fresh);
  expect(ids(lanes.takeReady(0))).toEqual([fresh.requestId]);
  const [putBack, younger] = [anEvent("b", { putBacks: 1, dueAt: 100 }), anEvent("b")];
  lanes.add(putBack);
  lanes.add(younger);
  expect(ids(lanes.takeReady(0))).toEqual([]);
  expect(lanes.nextDue()).toBe(100);
  expect(new Set(ids(lanes.takeReady(100)))).toEqual(
    new Set([retried, putBack, younger].map(({ requestId }) => requestId)),
  );
});

test("each event is taken once, no limit is exceeded, and nothing is left behind", () => {
  const step = record({
    name: constantFrom("a", "b"),
    dueAt: integer({ min: 0, max: 50 }),
    end: integer({ min: 0, max: 3 }),
  });
  assert(
    property(array(step, { maxLength: 80 }), (steps) => {
      const lanes = new EventLanes(3, limitOf);
      const [running, seen]: [QueuedEvent[], string[]] = [[], []];
      const take = (now: number): void => {
        const taken = lanes.takeReady(now);
        running.push(...taken);
        seen.push(...ids(taken));
        expect(running.length).toBeLessThanOrEqual(3);
        expect(running.filter(({ target }) => target.name === "a").length).toBeLessThanOrEqual(1);
      };
      for (const [now, { name, dueAt, end }] of steps.entries()) {
        lanes.add(anEvent(name, { attempts: dueAt % 2, dueAt }));
        take(now);
        for (const event of running.splice(0, end)) lanes.ended(event);
      }
      for (let rest = 0; rest < steps.length + 1; rest++) {
        for (const event of running.splice(0)) lanes.ended(event);
        take(1000);
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBe(steps.length);
      expect([[...lanes].length, lanes.payloadBytes, lanes.nextDue()]).toEqual([0, 0, undefined]);
    }),
  );
});
