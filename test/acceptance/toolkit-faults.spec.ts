/** Extensions made with the toolkit, and everything that goes wrong around them: nothing is lost without being counted. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { eventually, newGate, openGate, pidOf, writeCode } from "../fixtures/environments.ts";
import { hangUp, refusing, silence, status } from "../fixtures/http-sink.ts";
import {
  type Delivered,
  exits,
  numbered,
  ownLines,
  recordsIn,
  shipperName,
  shipping,
} from "../fixtures/toolkit/shipping.ts";

const leftByItself = [{ name: shipperName, exit: { code: 0, signal: null } }];

const toldCounts = /of (\d+) records (\d+) delivered, (\d+) left in the spool/;

const reportsOf = (records: readonly Delivered[]): number =>
  records.filter(({ type }) => type === "platform.report").length;

const droppedIn = (records: readonly Delivered[]): number =>
  records
    .filter(({ type }) => type === "toolkit.recordsDropped")
    .reduce((sum, { record }) => sum + (record as { droppedRecords: number }).droppedRecords, 0);

test("delivers each record to a sink that works, once, in order, the last report included, and leaves no spool", async () => {
  const it = await shipping();
  for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: 2 });
  await it.environment.shutdown();
  expect(it.lines()).toEqual(numbered(1, 6));
  expect(reportsOf(it.delivered())).toBe(3);
  expect(exits(it.environment)).toEqual(leftByItself);
  expect(ownLines(it.environment)).toEqual([]);
  expect(() => recordsIn(it.spool)).toThrow("ENOENT");
});

test.each([
  ["refuses", status(503)],
  ["hangs up", hangUp],
])("a destination that %s for ten invocations, then is back: everything arrives once and in order", async (_, down) => {
  const it = await shipping();
  it.sink.answer = down;
  for (let at = 0; at < 10; at += 1) await it.environment.invoke({ lines: 3 });
  expect(it.delivered()).toEqual([]);
  it.sink.answer = status(200);
  await it.environment.invoke({ lines: 3 });
  await it.environment.shutdown();
  expect(it.lines()).toEqual(numbered(1, 33));
  expect(reportsOf(it.delivered())).toBe(11);
  expect(exits(it.environment)).toEqual(leftByItself);
});

test("a destination that never answers at SHUTDOWN: the extension leaves by itself, the rest is in the spool and counted", async () => {
  const it = await shipping();
  await it.environment.invoke();
  const before = it.delivered().length;
  it.sink.answer = silence;
  await it.environment.invoke({ lines: 5 });
  await it.environment.shutdown();
  expect(exits(it.environment)).toEqual(leftByItself);
  const told = ownLines(it.environment).find((line) => line.includes("left in the spool"));
  const [, accepted, delivered, left] = toldCounts.exec(told!)!.map(Number);
  expect(delivered).toBe(before);
  expect(left).toBeGreaterThanOrEqual(7);
  expect(accepted).toBe(delivered! + left!);
  expect(recordsIn(it.spool)).toBe(left);
});

test.each([
  ["a directory that was named", ""],
  ["a directory of its own, gone with the environment", "spool: undefined"],
])(
  "an extension that is killed between batches: its successor delivers what it had taken, from %s",
  async (_, spool) => {
    const it = await shipping(spool);
    it.sink.answer = hangUp;
    await it.environment.invoke({ lines: 3 });
    await it.environment.thaw();
    process.kill(pidOf(it.environment, shipperName), "SIGKILL");
    await eventually(() => expect(exits(it.environment)).toMatchObject([{ exit: { signal: "SIGKILL" } }]));
    it.sink.answer = status(200);
    await it.environment.invoke({ lines: 2 });
    await it.environment.invoke({ lines: 2 });
    await it.environment.shutdown();
    const lines = it.lines();
    expect(lines.slice(0, 3)).toEqual(numbered(1, 3));
    expect(new Set(it.delivered().map((record) => JSON.stringify(record))).size).toBe(it.delivered().length);
    expect(reportsOf(it.delivered())).toBe(3);
  },
);

test("[DLV-67] a reset by a time-out: the lines of that invocation and its report arrive, each once", async () => {
  const it = await shipping("", { timeoutMs: 2000 });
  it.sink.answer = status(503);
  expect(await it.environment.invoke({ lines: 2, hangs: true })).toMatchObject({ status: "timeout" });
  it.sink.answer = status(200);
  await it.environment.invoke();
  await it.environment.shutdown();
  expect(it.lines()).toEqual(["line 1", "line 2", "line 1"]);
  const reports = it.delivered().filter(({ type }) => type === "platform.report");
  expect(reports.map(({ record }) => (record as { status: string }).status)).toEqual(["timeout", "success"]);
});

describe("frozen with open connections", () => {
  test("a connection that was closed meanwhile is replaced, and nothing is lost or doubled", async () => {
    const it = await shipping();
    await it.environment.invoke();
    await it.environment.freeze();
    it.sink.closeIdle();
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(it.lines()).toEqual(numbered(1, 2));
    expect(ownLines(it.environment)).toEqual([]);
  });

  test("an answer that came during the freeze counts, however long that was: its request is not sent again", async () => {
    const it = await shipping('strategy: "continuous", intervalMs: 0, requestTimeoutMs: 1000');
    let answer = (): void => undefined;
    it.sink.answer = (_, response) => {
      answer = () => void response.end();
    };
    const gate = newGate();
    const first = it.environment.invoke({ gate });
    await eventually(() => expect(it.sink.received).toHaveLength(1));
    openGate(gate);
    await first;
    await it.environment.freeze();
    answer();
    it.sink.answer = status(200);
    // Longer than the request had time: the clocks go on through a freeze.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(it.lines()).toEqual(numbered(1, 2));
    const bodies = it.sink.received.map(({ body }) => body.toString());
    expect(new Set(bodies).size).toBe(bodies.length);
  });
});

test("a poison record: it is dropped and reported, all others arrive in order", async () => {
  const letters = join(writeCode({}), "letters");
  const it = await shipping("deadLetterFile: process.env.LETTERS", { environmentVariables: { LETTERS: letters } });
  it.sink.answer = refusing("line 7\\n", "that one I do not like");
  await it.environment.invoke({ lines: 12 });
  await it.environment.invoke();
  await it.environment.shutdown();
  expect(it.lines()).toEqual(numbered(1, 13).filter((line) => line !== "line 7"));
  expect(droppedIn(it.delivered())).toBe(1);
  expect(readFileSync(letters, "utf8")).toMatch(/^\{"reason":"refused".*"record":"line 7\\n"\}\n$/);
  expect(ownLines(it.environment).join("\n")).toContain("a record was dropped: status 400: that one I do not like");
});

test("telemetry faster than the destination: memory and spool are bounded, and what does not fit is counted", async () => {
  const it = await shipping(
    `strategy: "continuous", intervalMs: 0, maxMemoryBytes: 500_000,
     spool: { directory: process.env.SPOOL, maxBytes: 2_000_000 }`,
    { timeoutMs: 60_000 },
  );
  const held: (() => void)[] = [];
  it.sink.answer = (_, response) => void held.push(() => response.end());
  for (let at = 0; at < 10; at += 1) await it.environment.invoke({ lines: 2000, pad: "x".repeat(300) });
  it.sink.answer = status(200);
  for (const answer of held) answer();
  await it.environment.invoke();
  await it.environment.invoke();
  await it.environment.shutdown();
  const delivered = it.delivered();
  const dropped = droppedIn(delivered);
  expect(dropped).toBeGreaterThan(0);
  const produced = it.environment.subscriptions[0]!.delivered.events;
  const reports = delivered.filter(({ type }) => type === "toolkit.recordsDropped").length;
  expect(delivered.length - reports + dropped).toBe(produced);
});

const mounted: string[] = [];
afterEach(() => {
  for (const directory of mounted.splice(0)) {
    spawnSync("umount", [directory]);
    rmSync(directory, { recursive: true, force: true });
  }
});

/** A file system of its own, so small that it is full at once. */
function tinyFileSystem(): string {
  const directory = mkdtempSync("/tmp/toolkit-full-");
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", directory]);
  if (status === 0) mounted.push(directory);
  else rmSync(directory, { recursive: true, force: true });
  return directory;
}

const canMount = ((): boolean => {
  const directory = tinyFileSystem();
  const can = mounted.includes(directory);
  for (const each of mounted.splice(0)) {
    spawnSync("umount", [each]);
    rmSync(each, { recursive: true, force: true });
  }
  return can;
})();

test.skipIf(!canMount)(
  "/tmp full: what does not fit stays in memory, and what memory does not take is counted",
  async () => {
    const it = await shipping("maxMemoryBytes: 200_000", {
      environmentVariables: { SPOOL: join(tinyFileSystem(), "spool") },
    });
    it.sink.answer = status(503);
    await it.environment.invoke({ lines: 3000, pad: "x".repeat(200) });
    it.sink.answer = status(200);
    await it.environment.invoke();
    await it.environment.invoke();
    await it.environment.shutdown();
    const delivered = it.delivered();
    expect(droppedIn(delivered)).toBeGreaterThan(0);
    const produced = it.environment.subscriptions[0]!.delivered.events;
    const reports = delivered.filter(({ type }) => type === "toolkit.recordsDropped").length;
    expect(delivered.length - reports + droppedIn(delivered)).toBe(produced);
    expect(ownLines(it.environment).join("\n")).toMatch(/the spool does not work.*ENOSPC/);
    expect(exits(it.environment)).toEqual(leftByItself);
  },
);
