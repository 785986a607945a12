import { expect, test } from "vitest";
import { serviceError } from "../service-error.ts";
import { finishingMs } from "./fleet.ts";
import { aCall, aPool, Played } from "./played-fleet.spec-support.ts";

test("[SVC-220] [LIFE-103] a second call goes to the environment of the first", () => {
  const played = new Played();
  const first = played.run(aCall("a"));
  played.conclude(first);
  expect(played.run(aCall("a"))).toBe(first);
  expect(played.environments).toHaveLength(1);
});

test("[SVC-222] [SVC-152] [LIFE-107] calls held open together occupy as many environments, and later ones start none", () => {
  const played = new Played();
  const held = Array.from({ length: 20 }, () => played.run(aCall("a")));
  expect(new Set(held).size).toBe(20);
  for (const environment of held) played.conclude(environment);
  for (let count = 0; count < 20; count++) played.conclude(played.run(aCall("a")));
  expect(played.environments).toHaveLength(20);
});

test("[SVC-218] 1,100 calls at one instant start 1,100 environments: nothing limits the rate", () => {
  const played = new Played({ maxEnvironments: 1100, memoryMb: 1100 * 128 });
  for (let count = 0; count < 1100; count++)
    played.take({ event: "call arrived", call: aCall("a", {}, { limits: { unreserved: 1100 } }) });
  expect([played.environments.length, played.fleet.waiting.length, played.answers.size]).toEqual([1100, 0, 0]);
});

test("[SVC-221] [LIFE-106] of several idle environments the one used last is taken first", () => {
  const played = new Played();
  const [one, two, three] = [played.run(aCall("a")), played.run(aCall("a")), played.run(aCall("a"))];
  for (const environment of [three, one, two]) {
    played.conclude(environment);
    played.advance(1);
  }
  expect([played.run(aCall("a")), played.run(aCall("a")), played.run(aCall("a"))]).toEqual([two, one, three]);
});

test("[SVC-224] [LIFE-104] [LIFE-77] an environment idle for keepAliveMs ends, and the next call starts a new one", () => {
  const played = new Played({ keepAliveMs: 600_000 });
  const first = played.run(aCall("a"));
  played.conclude(first);
  played.advance(599_999);
  expect(played.ended).toEqual([]);
  played.advance(1);
  expect(played.ended).toEqual([first]);
  expect(played.run(aCall("a"))).not.toBe(first);
});

test("[LIFE-105] an environment older than its greatest age ends at the next moment it is idle, though it is in constant use", () => {
  const played = new Played({ keepAliveMs: 600_000, maxAgeMs: 1_000_000 });
  const first = played.run(aCall("a"));
  played.conclude(first);
  played.advance(500_000);
  played.run(aCall("a"));
  played.advance(500_001);
  expect(played.ended).toEqual([]);
  played.conclude(first);
  expect(played.ended).toEqual([first]);
});

test("[SVC-225] [LIFE-108] environments of different versions and of different functions are not shared", () => {
  const played = new Played();
  const environments = [aCall("a", { version: "1" }), aCall("a", { version: "2" }), aCall("b", { version: "1" })].map(
    (call) => {
      const environment = played.run(call);
      played.conclude(environment);
      return environment;
    },
  );
  expect(new Set(environments).size).toBe(3);
});

test("[SVC-226] [SVC-93] an update ends idle environments at once and busy ones after their call, and no new call reaches either", () => {
  const played = new Played();
  const busy = played.run(aCall("a"));
  const idle = played.run(aCall("a"));
  played.conclude(idle);
  played.take({ event: "pool retired", pool: aPool("a") });
  expect(played.ended).toEqual([idle]);
  const next = played.run(aCall("a", { generation: "two" }));
  expect([busy, idle]).not.toContain(next);
  played.conclude(busy);
  expect(played.ended).toEqual([idle, busy]);
});

test("[SVC-226] a call that waits for a place when its code is replaced is resolved again", () => {
  const played = new Played({ maxEnvironments: 1 });
  played.run(aCall("a"));
  const waiting = aCall("a");
  played.take({ event: "call arrived", call: waiting });
  played.take({ event: "pool retired", pool: aPool("a") });
  expect(played.answers.get(waiting.callId)).toBe("resolve call again");
  expect(played.fleet.waiting).toEqual([]);
});

test("[SVC-202] [SVC-199] a reservation caps all versions together, and says so", () => {
  const played = new Played();
  const limits = { reserved: 1, unreserved: 900 };
  const first = played.run(aCall("a", { version: "1" }, { limits }));
  const second = aCall("a", { version: "2" }, { limits });
  played.take({ event: "call arrived", call: second });
  expect(played.answers.get(second.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  played.conclude(first);
  played.run(aCall("a", { version: "2" }, { limits }));
});

test("[SVC-199] a full unreserved pool throttles functions without a reservation, and only them", () => {
  const played = new Played();
  const limits = { unreserved: 2 };
  played.run(aCall("a", {}, { limits }));
  played.run(aCall("b", {}, { limits }));
  const third = aCall("c", {}, { limits });
  played.take({ event: "call arrived", call: third });
  expect(played.answers.get(third.callId)).toBe("ConcurrentInvocationLimitExceeded");
  played.run(aCall("d", {}, { limits: { unreserved: 2, reserved: 1 } }));
  played.run(aCall("a", { region: "eu-west-1" }, { limits }));
});

test("[SVC-203] a reservation of 0 throttles every call and touches none that runs", () => {
  const played = new Played();
  const running = played.run(aCall("a"));
  const next = aCall("a", {}, { limits: { reserved: 0, unreserved: 900 } });
  played.take({ event: "call arrived", call: next });
  expect(played.answers.get(next.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  expect(played.ended).toEqual([]);
  played.conclude(running);
});

test("[SVC-206] [LIFE-40] [LIFE-75] a slot is held until the call is concluded", () => {
  const played = new Played();
  const limits = { reserved: 1, unreserved: 900 };
  const environment = played.run(aCall("a", {}, { limits }));
  const meanwhile = aCall("a", {}, { limits });
  played.take({ event: "call arrived", call: meanwhile });
  expect(played.answers.get(meanwhile.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  played.conclude(environment, false);
  expect(played.run(aCall("a", {}, { limits }))).toBe(environment);
});

test("[SVC-220] a call that comes before the environment of the answered one is done waits for it, but not long", () => {
  const played = new Played();
  const first = played.run(aCall("a"));
  played.take({ event: "call answered", environmentId: first, hasExtensions: true });
  const [second, third] = [aCall("a"), aCall("a")];
  played.take({ event: "call arrived", call: second });
  played.take({ event: "call arrived", call: third });
  expect(played.environments.map(({ activity }) => activity.kind)).toEqual(["busy", "starting"]);
  played.advance(finishingMs.withExtensions - 1);
  expect(played.environments).toHaveLength(2);
  played.conclude(first);
  expect(played.answers.get(second.callId)).toBe("invoke");
  played.take({ event: "call answered", environmentId: first, hasExtensions: true });
  played.take({ event: "call arrived", call: aCall("a") });
  played.advance(finishingMs.withExtensions);
  expect(played.environments).toHaveLength(3);
});

test("[SVC-206] a call above the limit waits for a slot that is about to be free, and is throttled when it is not", () => {
  const played = new Played();
  const limits = { reserved: 1, unreserved: 900 };
  const first = played.run(aCall("a", {}, { limits }));
  played.take({ event: "call answered", environmentId: first, hasExtensions: true });
  const [second, third] = [aCall("a", {}, { limits }), aCall("a", {}, { limits })];
  played.take({ event: "call arrived", call: second });
  played.take({ event: "call arrived", call: third });
  expect(played.answers.get(second.callId)).toBeUndefined();
  expect(played.answers.get(third.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  played.advance(finishingMs.withExtensions);
  expect(played.answers.get(second.callId)).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
});

test("[SVC-223] on a full machine a call displaces the environment that was idle longest, of whichever function", () => {
  const played = new Played({ maxEnvironments: 2 });
  const older = played.run(aCall("a"));
  const newer = played.run(aCall("b"));
  played.conclude(older);
  played.advance(10);
  played.conclude(newer);
  const call = aCall("c");
  played.take({ event: "call arrived", call });
  expect(played.ended).toEqual([older]);
  expect(played.answers.get(call.callId)).toBeUndefined();
  played.take({ event: "environment gone", environmentId: older });
  played.makeAll();
  expect(played.answers.get(call.callId)).toBe("invoke");
});

test("[SVC-223] when nothing can be displaced a call waits for placementWaitMs and is throttled then", () => {
  const played = new Played({ maxEnvironments: 1, placementWaitMs: 5000 });
  played.run(aCall("a"));
  const call = aCall("b");
  played.take({ event: "call arrived", call });
  played.advance(4999);
  expect(played.answers.get(call.callId)).toBeUndefined();
  played.advance(1);
  expect(played.answers.get(call.callId)).toBe("ConcurrentInvocationLimitExceeded");
});

test("[SVC-223] a call that waits gets the environment of its pool that becomes free", () => {
  const played = new Played({ maxEnvironments: 1 });
  const only = played.run(aCall("a"));
  const call = aCall("a");
  played.take({ event: "call arrived", call });
  played.conclude(only);
  expect(played.answers.get(call.callId)).toBe("invoke");
  expect(played.environments).toHaveLength(1);
});

test("[SVC-223] calls of a busy pool do not starve one of another pool", () => {
  const played = new Played({ maxEnvironments: 1, placementWaitMs: 5000 });
  const only = played.run(aCall("a"));
  const other = aCall("b");
  played.take({ event: "call arrived", call: other });
  played.take({ event: "call arrived", call: aCall("a") });
  played.take({ event: "call arrived", call: aCall("a") });
  played.conclude(only);
  expect(played.ended).toEqual([]);
  played.advance(2500);
  played.conclude(only);
  expect(played.ended).toEqual([only]);
});

test("[SVC-223] memory sizes together never exceed the machine's, and a function larger than the machine runs alone", () => {
  const played = new Played({ memoryMb: 1000 });
  const small = played.run(aCall("small", { memorySizeMb: 600 }));
  const large = aCall("large", { memorySizeMb: 10_240 });
  played.take({ event: "call arrived", call: large });
  expect(played.answers.get(large.callId)).toBeUndefined();
  played.conclude(small);
  expect(played.ended).toEqual([small]);
  played.take({ event: "environment gone", environmentId: small });
  played.makeAll();
  expect(played.answers.get(large.callId)).toBe("invoke");
});

test("[SVC-150] a sandbox that cannot be made fails the call it was made for, and nothing else", () => {
  const played = new Played();
  const call = aCall("a");
  played.take({ event: "call arrived", call });
  played.take({
    event: "environment not made",
    environmentId: 1,
    error: serviceError("ServiceException", "no space left"),
  });
  expect(played.answers.get(call.callId)).toBe("fail call");
  expect(played.environments).toEqual([]);
  played.run(aCall("a"));
});

test("[LIFE-109] a developer ends an idle environment, and no busy one", () => {
  const played = new Played();
  const environment = played.run(aCall("a"));
  played.take({ event: "spin-down wanted", environmentId: environment });
  expect(played.ended).toEqual([]);
  played.conclude(environment);
  played.take({ event: "spin-down wanted", environmentId: environment });
  expect(played.ended).toEqual([environment]);
});

test("[SVC-230] [LIFE-80] a stop answers who waits, ends everything, and takes no new call", () => {
  const played = new Played({ maxEnvironments: 2 });
  const busy = played.run(aCall("a"));
  const idle = played.run(aCall("b"));
  played.conclude(idle);
  const waiting = aCall("c", { memorySizeMb: 512 });
  const late = aCall("a");
  played.take({ event: "call arrived", call: waiting });
  played.take({ event: "stop wanted" });
  played.take({ event: "call arrived", call: late });
  expect(new Set(played.ended)).toEqual(new Set([busy, idle]));
  expect([waiting, late].map(({ callId }) => played.answers.get(callId))).toEqual(["fail call", "fail call"]);
});
