import { expect, test } from "vitest";
import { WriteQueue } from "./write-queue.ts";

const row = { message: "x" };
const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });

/** A disk that takes batches when told to. */
function disk() {
  const batches: unknown[] = [];
  const pending: { done: () => void; fail: (error: Error) => void }[] = [];
  const notices: string[] = [];
  const write = (rows: unknown) => {
    batches.push(rows);
    return new Promise<void>((done, fail) => void pending.push({ done, fail }));
  };
  return { batches, pending, notices, queue: new WriteQueue(write, (text) => void notices.push(text)) };
}

test("rows gather into one batch until it is sent", async () => {
  const { queue, batches, pending } = disk();
  queue.add("logs", [row], 10);
  queue.add("logs", [row, row], 10);
  expect(batches).toEqual([]);
  const flushed = queue.flush();
  expect(batches).toEqual([{ logs: [row, row, row] }]);
  pending[0]?.done();
  await flushed;
});

test("a batch of a megabyte is sent at once", () => {
  const { queue, batches } = disk();
  queue.add("logs", [row], 1_048_576);
  expect(batches).toHaveLength(1);
});

test("a full disk is told once, what is lost is counted, and told when it is over", async () => {
  const { queue, pending, notices } = disk();
  for (const count of [2, 3]) {
    queue.add(
      "logs",
      Array.from({ length: count }, () => row),
      10,
    );
    const flushed = queue.flush();
    pending.at(-1)?.fail(full);
    await flushed;
  }
  expect(notices).toEqual([
    "Logs, metrics and traces are not being kept: the disk is full. Invocations go on; what is lost is counted.",
  ]);
  queue.add("logs", [row], 10);
  const flushed = queue.flush();
  pending.at(-1)?.done();
  await flushed;
  expect(notices.slice(1)).toEqual([
    "5 rows of logs, metrics and traces were lost before the store can be written again.",
  ]);
});

test("what a slow disk cannot take is dropped before it fills the memory, and counted", async () => {
  const { queue, pending, notices } = disk();
  queue.add("logs", [row], 200_000_000);
  queue.add("logs", [row, row], 100_000_000);
  queue.add("logs", [row], 1_000);
  expect(notices).toHaveLength(1);
  const closed = queue.close();
  for (const { done } of pending) done();
  await expect.poll(() => pending.length).toBe(2);
  pending[1]?.done();
  await closed;
  expect(notices.at(-1)).toMatch(/^2 rows of logs, metrics and traces were lost before/);
});
