import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const benchmark = (name: string): string => fileURLToPath(new URL(`../../bench/${name}.mjs`, import.meta.url));

test("the benchmark of invocations compares with the floor", async () => {
  const short = ["--rounds", "1", "--invocations", "2", "--cold", "1", "--extensions", "1", "--without-fun", "--json"];
  const { stdout } = await run(process.execPath, [benchmark("invoke"), ...short]);
  const { results } = JSON.parse(stdout) as { results: { contenders: { name: string; warmToFloor: number }[] }[] };
  const [{ contenders } = { contenders: [] }] = results;
  expect(contenders.map(({ name }) => name)).toEqual([
    "floor",
    "lambdarium",
    "lambdarium, keeping",
    "lambdarium, forwarding",
    "lambdarium, tracing",
    "lambdarium, freeze off",
  ]);
  expect(contenders.every(({ warmToFloor }) => warmToFloor > 0)).toBe(true);
});

test("the benchmark of telemetry accounts for every line", async () => {
  const short = ["--lines", "2000", "--rounds", "1", "--slow-ms", "1", "--json"];
  const { stdout } = await run(process.execPath, [benchmark("telemetry"), ...short]);
  const { results, slowReader } = JSON.parse(stdout) as {
    results: { contenders: { droppedShare: number }[] }[];
    slowReader: { produced: number; uncounted: number };
  };
  expect(results).toHaveLength(3);
  expect(slowReader).toMatchObject({ produced: 20_000, uncounted: 0 });
});

test("the benchmark of the store shows how it grows", async () => {
  const { stdout } = await run(process.execPath, [
    benchmark("observability"),
    "--most",
    "2000",
    "--rounds",
    "1",
    "--json",
  ]);
  const { results } = JSON.parse(stdout) as { results: { events: number; times: Record<string, number> }[] };
  expect(results.map(({ events }) => events)).toEqual([2000]);
  expect(Object.keys(results[0]!.times)).toEqual([
    "tail",
    "lastMinute",
    "follow",
    "lastHour",
    "selector",
    "everything",
  ]);
});

test("the benchmark of sandboxes compares each driver with the process driver", async () => {
  const short = ["--rounds", "1", "--turns", "2", "--crowd", "2", "--json"];
  const { stdout } = await run(process.execPath, [benchmark("sandbox"), ...short]);
  const { figures, crowds } = JSON.parse(stdout) as {
    figures: { name: string; create: { ratio: number } }[];
    crowds: { perSecond: number }[];
  };
  expect(figures[0]).toMatchObject({ name: "process", create: { ratio: 1, moreMs: 0 } });
  expect(crowds).toHaveLength(figures.length);
  expect(crowds.every(({ perSecond }) => perSecond > 0)).toBe(true);
});

test("the benchmark of the toolkit compares with a bare script, and delivers every record", async () => {
  const short = ["--rounds", "1", "--records", "3000", "--environments", "0", "--json"];
  const { stdout } = await run(process.execPath, [benchmark("toolkit"), ...short]);
  const { starts, pipeline } = JSON.parse(stdout) as {
    starts: { program: string; nextToBare: number }[];
    pipeline: { records: number };
  };
  expect(starts.map(({ program }) => program)).toEqual(["bare", "hooks-only", "shipper"]);
  expect(starts.every(({ nextToBare }) => nextToBare > 0)).toBe(true);
  expect(pipeline.records).toBe(3000);
});

test("the benchmark of the service compares with the library and the floor, and a burst gets an environment each", async () => {
  const short = ["--rounds", "1", "--calls", "10", "--callers", "1,2", "--events", "5", "--burst", "2", "--json"];
  const { stdout } = await run(process.execPath, [benchmark("service"), ...short]);
  const { waiting, events, burst } = JSON.parse(stdout) as {
    waiting: { callers: number; p50ToFloor: number; overLibraryMs?: number; service: { platformCpuUs: number } }[];
    events: { donePerSecond: number };
    burst: { environments: number; lastMs: number };
  };
  expect(waiting.map(({ callers }) => callers)).toEqual([1, 2]);
  expect(waiting.every(({ p50ToFloor }) => p50ToFloor > 0)).toBe(true);
  expect(waiting.every(({ service }) => service.platformCpuUs > 0)).toBe(true);
  expect(waiting.map(({ overLibraryMs }) => typeof overLibraryMs)).toEqual(["number", "undefined"]);
  expect([events.donePerSecond > 0, burst.environments, burst.lastMs > 0]).toEqual([true, 2, true]);
});
