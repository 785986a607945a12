import { expect, test } from "vitest";
import { afterAwakeMs, deadlineAt } from "./deadline.ts";

/** As a freeze does it: the clock goes on, the process does not. */
const stopFor = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test("a time limit that ran out during a freeze leaves what has arrived meanwhile the time to be read", async () => {
  let passed = false;
  const forget = afterAwakeMs(50, () => (passed = true), 5000);
  stopFor(300);
  // The timer is due, and runs before this.
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(passed).toBe(false);
  forget();
});

test("a time limit passes when nothing comes, frozen or not", async () => {
  let passed = 0;
  await new Promise<void>((resolve) => afterAwakeMs(10, () => resolve(void (passed += 1))));
  const frozen = new Promise<void>((resolve) => afterAwakeMs(10, () => resolve(void (passed += 1)), 10));
  stopFor(150);
  await frozen;
  expect(passed).toBe(2);
});

test("a deadline aborts its signal when it has passed, and not when the work was done before", async () => {
  const passing = deadlineAt(Date.now() + 20);
  const done = deadlineAt(Date.now() + 20);
  done.done();
  expect(passing.remainingMs()).toBeGreaterThan(0);
  await new Promise((resolve) => passing.signal.addEventListener("abort", resolve));
  expect(passing.signal.reason).toMatchObject({ code: "deadline-passed" });
  expect(passing.remainingMs()).toBeLessThan(20);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(done.signal.aborted).toBe(false);
});
