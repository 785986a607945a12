import { expect, test } from "vitest";
import { noCapabilities } from "../../test/fixtures/capabilities.ts";
import { type Run, runDocument } from "./run-document.ts";

const result = (payload: string): Run["results"][number] => ({
  requestId: "5f0c0a4e-0000-4000-8000-000000000000",
  payload: undefined,
  payloadBytes: Buffer.from(payload),
  durationMs: 1.5,
  billedDurationMs: 2,
  maxMemoryUsedMb: 40,
  logTail: "",
  status: "success",
});

const run = (...payloads: string[]): Run => ({
  functionName: "f",
  runtime: "nodejs22.x",
  results: payloads.map(result),
  traces: [],
  snapshot: {
    phase: "gone",
    generation: 0,
    sandbox: "process",
    capabilities: noCapabilities,
    phases: [],
    extensions: [],
    processes: [],
  },
  shutdownReason: "spindown",
});

test("has each payload in its own text", () => {
  const text = runDocument(run('{"big":12345678901234567890}', "plain"));
  expect(text).toContain('"payload": {"big":12345678901234567890}');
  expect(text).toContain('"payload": "plain"');
});

test("does not take a payload's own words for the place of another", () => {
  const trap = '{"payload": "payload 1 of 5f0c0a4e-0000-4000-8000-000000000000"}';
  const { invocations } = JSON.parse(runDocument(run(trap, "2"))) as { invocations: { payload: unknown }[] };
  expect(invocations.map(({ payload }) => payload)).toEqual([JSON.parse(trap), 2]);
});

test("has a shutdown also when nothing was left to shut down", () => {
  expect(JSON.parse(runDocument(run()))).toMatchObject({ shutdown: { reason: "spindown", durationMs: 0 } });
});
