import type { FunctionVersion } from "../functions/function-version.ts";
import { expect, test } from "vitest";
import { aCall, aPool, Played } from "./played-fleet.spec-support.ts";
import { allocationProgress } from "./provisioning.ts";

const versionOne = aPool("a", { version: "1" });
const key = "a:1";

function provisioned(wanted: number, changes: ConstructorParameters<typeof Played>[0] = {}): Played {
  const played = new Played(changes);
  set(played, wanted);
  return played;
}

const set = (played: Played, wanted: number, pool: FunctionVersion = versionOne): void =>
  void played.take({ event: "allocations set", allocations: [{ key, pool, wanted, reserved: false }] });

const progress = (played: Played) => played.fleet.allocations.map((one) => allocationProgress(played.fleet, one));

const call = (allocations: readonly string[] = [key]) => aCall("a", { version: "1" }, { allocations });

test("[SVC-208] [SVC-209] [LIFE-111] an allocation is ready only when all its environments are initialized", () => {
  const played = provisioned(2);
  expect(progress(played)).toEqual([{ allocated: 0, available: 0, status: "IN_PROGRESS" }]);
  played.makeAll();
  const first = played.oldest;
  played.take({ event: "environment initialized", environmentId: first, succeeded: true });
  expect(progress(played)).toEqual([{ allocated: 1, available: 1, status: "IN_PROGRESS" }]);
  played.initializeAll();
  expect(progress(played)).toEqual([{ allocated: 2, available: 2, status: "READY" }]);
  expect(played.environments.map(({ initializationType }) => initializationType)).toEqual([
    "provisioned-concurrency",
    "provisioned-concurrency",
  ]);
});

test("[SVC-211] [LIFE-113] [OBS-49] calls use provisioned environments first and spill over to others", () => {
  const played = provisioned(1);
  played.makeAll();
  played.initializeAll();
  const onDemand = played.run(call([]));
  played.conclude(onDemand);
  const first = played.run(call());
  const second = played.run(call());
  expect([first === onDemand, second === onDemand]).toEqual([false, true]);
  expect(played.concurrencies).toEqual(["on demand", "provisioned", "spilled over"]);
});

test("[SVC-211] calls by another qualifier never use provisioned environments", () => {
  const played = provisioned(1);
  played.makeAll();
  played.initializeAll();
  played.run(call(["a:other-alias"]));
  expect(played.environments).toHaveLength(2);
});

test("[SVC-217] [LIFE-115] provisioned environments are not reaped for idleness", () => {
  const played = provisioned(1, { keepAliveMs: 1000, maxAgeMs: 100_000 });
  played.makeAll();
  played.initializeAll();
  played.advance(99_999);
  expect(played.ended).toEqual([]);
});

test("[SVC-217] [LIFE-114] one that ended by its age or was reset is replaced", () => {
  const played = provisioned(1, { maxAgeMs: 100_000 });
  played.makeAll();
  played.initializeAll();
  const first = played.oldest;
  played.advance(100_000);
  expect(played.ended).toEqual([first]);
  played.makeAll();
  played.initializeAll();
  const second = played.run(call());
  expect(second).not.toBe(first);
  played.conclude(second, false);
  expect(played.ended).toContain(second);
  expect(progress(played)).toEqual([{ allocated: 0, available: 0, status: "IN_PROGRESS" }]);
  played.makeAll();
  played.initializeAll();
  expect(progress(played)).toEqual([{ allocated: 1, available: 1, status: "READY" }]);
});

test("[SVC-216] [LIFE-112] an Init that fails makes the allocation FAILED, and it is not tried again", () => {
  const played = provisioned(2);
  played.makeAll();
  const first = played.oldest;
  played.take({ event: "environment initialized", environmentId: first, succeeded: false });
  played.initializeAll();
  played.goneAll();
  expect(progress(played)).toEqual([{ allocated: 0, available: 0, status: "FAILED" }]);
  expect(played.environments).toEqual([]);
});

test("[SVC-215] an allocation that moves to another version warms that one and gives up the old ones", () => {
  const played = provisioned(1);
  played.makeAll();
  played.initializeAll();
  const old = played.oldest;
  set(played, 1, aPool("a", { version: "2" }));
  expect(played.ended).toEqual([old]);
  expect(progress(played)).toEqual([{ allocated: 0, available: 0, status: "IN_PROGRESS" }]);
});

test("[SVC-213] an allocation that is gone ends its environments, the busy ones after their call", () => {
  const played = provisioned(2);
  played.makeAll();
  played.initializeAll();
  const busy = played.run(call());
  played.take({ event: "allocations set", allocations: [] });
  expect(played.ended).toHaveLength(1);
  expect(played.ended).not.toContain(busy);
  played.conclude(busy);
  expect(played.ended).toContain(busy);
});

test("provisioned environments that are fewer now leave the busy ones and end idle ones", () => {
  const played = provisioned(3);
  played.makeAll();
  played.initializeAll();
  const busy = played.run(call());
  set(played, 1);
  expect(played.ended).toHaveLength(2);
  expect(played.ended).not.toContain(busy);
});

test("provisioned concurrency of a function with a reservation leaves the rest of it to other versions", () => {
  const played = provisioned(1);
  played.makeAll();
  played.initializeAll();
  const limits = { reserved: 1, unreserved: 900 };
  const latest = aCall("a", {}, { limits });
  played.take({ event: "call arrived", call: latest });
  expect(played.answers.get(latest.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  played.run(aCall("a", { version: "1" }, { limits, allocations: [key] }));
});

test("on a full machine an idle environment makes room for a provisioned one", () => {
  const played = new Played({ maxEnvironments: 1 });
  const idle = played.run(aCall("b"));
  played.conclude(idle);
  set(played, 1);
  expect(played.ended).toEqual([idle]);
  played.goneAll();
  played.makeAll();
  played.initializeAll();
  expect(progress(played)).toEqual([{ allocated: 1, available: 1, status: "READY" }]);
});

test("[LIFE-117] an environment is initialized for a snapshot, and the first call takes it", () => {
  const played = new Played();
  const pool = aPool("a", { version: "1", snapStart: true });
  played.take({ event: "initialization wanted", pool });
  played.makeAll();
  expect(played.effects.map(({ effect }) => effect)).toEqual(["make environment", "initialize environment"]);
  played.initializeAll();
  played.run(aCall("a", { version: "1", snapStart: true }));
  expect(played.environments).toHaveLength(1);
});
