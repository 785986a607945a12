/** The law of conservation over crashes, resets, freezes and listeners that fail, with real processes (DLV-55 to DLV-58). */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { chanceOf } from "../fixtures/telemetry/chance.ts";
import { conserves, droppedRecords, floodNumbers } from "../fixtures/telemetry/readings.ts";
import { collector, type ExtensionScript, type HandlerScript, type Listener } from "../fixtures/telemetry/scripts.ts";
import { endAll, freePorts, scripted, type ScriptedEnvironment } from "../fixtures/telemetry/scripted-environment.ts";

afterEach(endAll);

const seed = Number(process.env["SOAK_SEED"] ?? 20_261_123);
const soakMs = Number(process.env["SOAK_MS"] ?? 8_000);

const faults = ["500", "400", "hang-up", "tear", "half", "late 30", "late 120", "ok", "ok"];

test(`[DLV-55, DLV-56, DLV-57, DLV-58, DLV-59] produced = delivered + dropped + queued after ${soakMs} ms of misfortune, seed ${seed}`, async () => {
  const chance = chanceOf(seed);
  const [one = 0, two = 0, three = 0, four = 0, five = 0] = await freePorts(5);
  const fickle = (port: number): Listener => ({
    port,
    answers: [...chance.many(16, () => chance.oneOf(faults)), "ok"],
  });
  const crashing = (port: number): Listener => ({
    port,
    answers: [...chance.many(chance.between(4, 30), () => "ok"), "exit"],
  });
  const hangingUp = (port: number): Listener => ({
    port,
    protocol: "TCP",
    answers: [...chance.many(5, () => `hang-up ${chance.between(1, 500)}`), "ok"],
  });
  const incarnations = (make: () => ExtensionScript): readonly ExtensionScript[] => chance.many(40, make);
  const it = await scripted({
    scripts: {
      steady: collector({ port: one }),
      fickle: incarnations(() => collector(fickle(two))),
      crashing: incarnations(() => collector(crashing(three))),
      hanging: incarnations(() => collector(hangingUp(four))),
      older: incarnations(() => collector(fickle(five), { api: "logs" })),
    },
  });
  const flood = (): HandlerScript => ({
    before: [
      { flood: { lines: chance.between(1, 1500), perWrite: chance.between(10, 400), pauseMs: chance.between(0, 4) } },
    ],
  });
  const crash = (): HandlerScript => ({ ...flood(), after: [{ exit: 1 }] });
  const misfortunes: readonly (() => Promise<unknown>)[] = [
    ...chance.many(12, () => () => it.invoke(flood())),
    () => it.invoke(crash()),
    () => sleep(chance.between(5, 60)),
    async () => it.environment.reset(),
  ];
  const until = performance.now() + soakMs;
  while (performance.now() < until) {
    await chance.oneOf(misfortunes)();
    expect(it.environment.subscriptions.filter((subscription) => !conserves(subscription))).toEqual([]);
  }
  await drained(it);
  await it.end();

  const { subscriptions } = it.environment;
  expect(subscriptions.map(conserves)).toEqual([true, true, true, true, true]);
  expect(subscriptions.filter(({ inFlight }) => inFlight.events > 0)).toEqual([]);
  for (const name of ["steady", "fickle", "older"]) {
    const events = it.journal(name).events();
    const reports = events.filter(({ type }) => type === "platform.logsDropped").length;
    const { produced, queued, dropped } = subscriptions.find(({ extensionName }) => extensionName === name)!;
    expect([name, droppedRecords(events)]).toEqual([name, dropped.events]);
    // What comes while the environment ends may be left when it is destroyed.
    const settled = produced.events - queued.events - reports;
    expect([name, events.length - reports + droppedRecords(events)]).toEqual([name, settled]);
  }
  const steady = subscriptions.find(({ extensionName }) => extensionName === "steady")!;
  const requests = it.journal("steady").requests();
  expect(requests.length).toBeGreaterThan(20);
  expect(floodNumbers(it.journal("steady").events()).length).toBeGreaterThan(1000);
  expect(steady.produced.bytes).toBeGreaterThan(100_000);
}, 90_000);

/** Another invocation, with listeners that answer in the end, until nobody's queue holds anything. */
async function drained(it: ScriptedEnvironment): Promise<void> {
  await it.invoke();
  await it.environment.thaw();
  const waiting = (): boolean =>
    it.environment.subscriptions
      .filter(({ extensionName }) => extensionName !== "crashing" && extensionName !== "hanging")
      .some(({ queued }) => queued.events > 0);
  for (let turn = 0; turn < 400 && waiting(); turn++) {
    await sleep(50);
    // A listener that fails for long needs time that is not frozen.
    await it.environment.thaw();
  }
}
