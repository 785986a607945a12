import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Backlog } from "../spool/backlog.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import type { SendResult } from "../destinations/destination.ts";
import { Sender } from "./sender.ts";
import { bodyOf, line, origin, SimulatedDestination } from "./simulated-destination.spec-support.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lambdarium-overload-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const maxBytes = 3_000_000;
/** Files go as a whole: the one that is written to, and the one that is delivered from, stay. */
const slackBytes = 3 * 1_048_576;

const bytesOnDisk = (): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

const isLine = (one: unknown): one is string => typeof one === "string";

/** Takes so many requests, and is busy then. */
class BusyDestination extends SimulatedDestination {
  free = 0;

  override async send(request: Parameters<SimulatedDestination["send"]>[0]): Promise<SendResult> {
    this.free -= 1;
    return this.free >= 0 ? await super.send(request) : { kind: "try later", reason: "busy" };
  }
}

test("a minute of telemetry ten times faster than the destination: disk and memory are bounded, nothing is lost uncounted", async () => {
  const backlog = new Backlog({ directory, maxBytes, maxAgeMs: 1e9, maxMemoryBytes: 500_000 });
  const to = new BusyDestination({ maxItems: 100, maxBytes: 100_000 });
  const sender = new Sender(backlog, to, { origin, requestTimeoutMs: 1000, onDrop: () => undefined });
  let number = 0;
  let most = 0;
  const second = async (now: number): Promise<void> => {
    for (let batch = 0; batch < 10; batch += 1) {
      const records = Array.from({ length: 100 }, (): TelemetryRecord => line(`${(number += 1)} ${"x".repeat(150)}`));
      backlog.accept(records, bodyOf(records), "", now);
    }
    backlog.tidy(now);
    to.free = 1;
    await sender.pass(new AbortController().signal);
    most = Math.max(most, bytesOnDisk());
  };
  for (let at = 0; at < 60; at += 1) await second(at * 1000);
  expect(most).toBeLessThan(maxBytes + slackBytes);
  const { accepted, delivered, leftOut, dropped, pending, droppedFor } = backlog.counts.read();
  expect({ delivered, leftOut }).toEqual({ delivered: 6000, leftOut: 0 });
  expect(Object.keys(droppedFor)).toEqual(["spool full"]);
  expect(accepted).toBe(delivered + dropped + pending);

  to.free = Infinity;
  backlog.tidy(60_000);
  await sender.pass(new AbortController().signal);
  const taken = to.taken.map((body) => JSON.parse(body) as string | { droppedRecords: number });
  const lines = taken.filter(isLine).map((text) => Number(text.split(" ")[0]));
  const reports = taken.filter((one) => !isLine(one)) as { droppedRecords: number }[];
  const told = reports.reduce((sum, { droppedRecords }) => sum + droppedRecords, 0);
  expect(lines.length + told).toBe(60_000);
  expect(lines).toEqual(lines.toSorted((one, other) => one - other));
  expect(new Set(lines).size).toBe(lines.length);
  backlog.close();
});
