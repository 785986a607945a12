import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Entry } from "./entries.ts";
import { Outbox } from "./outbox.ts";

const entry = (at: number): Entry => ({
  kind: "measured",
  measurement: { target: { region: "eu-west-1", functionName: "parcels" }, at, values: [["Invocations", 1]] },
});

let sent: Entry[][];
let told: string[];
let answer: () => Promise<void>;
let outbox: Outbox;
beforeEach(() => {
  vi.useFakeTimers();
  [sent, told] = [[], []];
  answer = () => Promise.resolve();
  outbox = new Outbox(
    (entries) => {
      sent.push([...entries]);
      return answer();
    },
    (text) => told.push(text),
  );
});
afterEach(() => vi.useRealTimers());

test("what comes within a quarter of a second goes together, in order", () => {
  outbox.add(entry(1), 10);
  outbox.add(entry(2), 10);
  vi.advanceTimersByTime(249);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([[entry(1), entry(2)]]);
});

test("a megabyte does not wait", () => {
  outbox.add(entry(1), 1_048_576);
  expect(sent).toHaveLength(1);
});

test("more than can be taken in is dropped, which is said once and counted", async () => {
  let take = (): void => undefined;
  answer = () => new Promise((resolve) => (take = resolve));
  outbox.add(entry(1), 268_400_000);
  for (let more = 0; more < 3; more++) outbox.add(entry(2), 200_000);
  expect(sent).toHaveLength(1);
  take();
  await outbox.close();
  expect(told).toEqual([
    "Forwarding: records are being lost: more is written than can be taken in. Invocations go on; it is counted.",
    "Forwarding: 3 records were lost before they were in the spool.",
  ]);
});

test("what the thread does not take is counted", async () => {
  answer = () => Promise.reject(new Error("The thread has ended."));
  outbox.add(entry(1), 10);
  outbox.add(entry(2), 10);
  await outbox.close();
  expect(told.at(-1)).toBe("Forwarding: 2 records were lost before they were in the spool.");
});
