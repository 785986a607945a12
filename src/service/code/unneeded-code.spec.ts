import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
/** What environments read. */
const inUse = new Set<string>();
beforeEach(async () => {
  inUse.clear();
  service = await openTestService();
  service.plane.usePools({
    provisionedStatus: () => ({ allocated: 0, available: 0, status: "IN_PROGRESS" }),
    directoriesInUse: () => inUse,
  });
});
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const directoryOf = (version = "$LATEST"): string =>
  service.plane.directory.current("us-east-1", "f", version)!.codeDirectory;
const isStored = (directory: string): boolean[] => [existsSync(directory), existsSync(`${directory}.zip`)];

/** The first second is over before the rest, as the service looks at its directory. */
async function pass(ms: number): Promise<void> {
  for (const step of [1000, ms - 2000, 1000]) {
    service.clock.move(step);
    for (let count = 0; count < 5; count++) await service.call("GET /_local/health");
  }
}

const becomes = (directory: string, stored: boolean[]): Promise<void> =>
  vi.waitFor(
    () => {
      service.clock.move(60_000);
      expect(isStored(directory)).toEqual(stored);
    },
    { timeout: 20_000, interval: 10 },
  );

async function replaced(): Promise<string> {
  await service.create("f");
  const before = directoryOf();
  await service.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ other: "2" }) });
  return before;
}

test("removes the package that was replaced when the links to it are over", async () => {
  const before = await replaced();
  await pass(599_000);
  expect(isStored(before)).toEqual([true, true]);
  await becomes(before, [false, false]);
  expect(isStored(directoryOf())).toEqual([true, true]);
});

test("keeps it while an environment runs on it", async () => {
  const before = await replaced();
  inUse.add(before);
  await pass(700_000);
  expect(isStored(before)).toEqual([true, true]);
  inUse.clear();
  await becomes(before, [false, false]);
});

test("keeps what a version or a layer has, and what is deployed again in time", async () => {
  await service.create("f", { Publish: true });
  const published = directoryOf("1");
  const { Code } = { Code: { ZipFile: await zip({ again: "1" }) } };
  await service.call(`PUT ${functions}/f/code`, Code);
  const again = directoryOf();
  await service.call("POST /2018-10-31/layers/l/versions", { Content: { ZipFile: await zip({ layer: "1" }) } });
  const { Location } = (await service.call("GET /2018-10-31/layers/l/versions/1")).body.Content;
  await service.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ other: "2" }) });
  await pass(300_000);
  await service.call(`PUT ${functions}/f/code`, Code);
  await pass(700_000);
  expect([isStored(published), isStored(again)]).toEqual([
    [true, true],
    [true, true],
  ]);
  expect(Location).toMatch(/^http:/u);
  const now = (await service.call("GET /2018-10-31/layers/l/versions/1")).body.Content.Location as string;
  expect((await fetch(now)).status).toBe(200);
});

test("removes what a deleted function had, and what came with a dry run", async () => {
  const before = await replaced();
  const last = directoryOf();
  await service.call(`DELETE ${functions}/f`);
  await pass(700_000);
  await becomes(before, [false, false]);
  await becomes(last, [false, false]);
  await service.create("g");
  expect(isStored(before)).toEqual([true, true]);
  await service.call(`PUT ${functions}/g/code`, { ZipFile: await zip({ other: "2" }), DryRun: true });
  expect(isStored(last)).toEqual([true, true]);
  await pass(700_000);
  await becomes(last, [false, false]);
  expect(isStored(before)).toEqual([true, true]);
});
