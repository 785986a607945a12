import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Strategy } from "./traffic.ts";
import { hearing, SimulatedDelivery } from "./simulated-delivery.spec-support.ts";

describe("strategy end", () => {
  test("asks for the next event when the function is done and its records are sent", () => {
    const it = hearing().invoke("a").advance(100).runtimeDone("a").advance(50);
    expect(it.times("go on")).toEqual([110]);
    expect(it.pending).toBe(0);
  });

  test("sends at INVOKE what the invocations before have left", () => {
    const it = hearing({}, 5).invoke("a");
    expect(it.times("send")).toEqual([0]);
  });

  test("goes on without the function being done when the reserve of its time begins", () => {
    const it = hearing().invoke("a", 3000).advance(5000);
    expect(it.times("go on")).toEqual([2500]);
  });

  test("waits for nothing when no listener is bound", () => {
    const it = new SimulatedDelivery().invoke("a").advance(0);
    expect(it.times("go on")).toEqual([0]);
  });

  test("puts the next event off for a slow destination no longer than holdMs", () => {
    const it = hearing({ holdMs: 700 });
    it.behaviour = { takesMs: 60_000, works: true };
    it.invoke("a", 30_000).advance(100).runtimeDone("a").advance(10_000);
    expect(it.times("go on")).toEqual([800]);
  });

  test("holds no second invocation for a destination that did not answer in the first, until it does", () => {
    const it = hearing();
    it.behaviour = { takesMs: 4000, works: true };
    it.invoke("a", 30_000).advance(100).runtimeDone("a").advance(2900);
    expect(it.times("go on")).toEqual([2100]);
    it.invoke("b", 30_000);
    expect(it.times("go on")).toEqual([2100, 3000]);
    it.behaviour = { takesMs: 10, works: true };
    it.advance(5000).invoke("d").advance(10).runtimeDone("d");
    expect(it.times("go on")).toHaveLength(2);
    it.advance(10);
    expect(it.times("go on")).toHaveLength(3);
  });

  test("tries again while there is time, then goes on and leaves it to later", () => {
    const it = hearing();
    it.behaviour = { takesMs: 10, works: false };
    it.invoke("a", 30_000).advance(100).runtimeDone("a").advance(300);
    // 100, refused at 110; again after 100 ms, refused at 220; again after 200 ms.
    expect(it.times("send")).toEqual([100, 210]);
    expect(it.times("go on")).toEqual([]);
    it.advance(100);
    expect(it.times("send")).toEqual([100, 210, 420]);
    expect(it.times("go on")).toEqual([430]);
  });

  test("does not wait at all for a destination that is known to be down, but tries it", () => {
    const it = hearing();
    it.behaviour = { takesMs: 10, works: false };
    it.invoke("a", 30_000).advance(100).runtimeDone("a").advance(2000);
    const tries = it.times("send").length;
    it.advance(60_000).invoke("b", 30_000);
    expect(it.times("go on").at(-1)).toBe(it.now);
    expect(it.times("send").length).toBeGreaterThan(tries);
  });

  test.each([
    { what: "a wrong key", afterMs: 60_000 },
    { what: "Retry-After beyond holdMs", afterMs: 2500 },
  ])("holds nobody for what cannot be tried again in time: $what", ({ afterMs }) => {
    const it = hearing();
    it.behaviour = { takesMs: 10, works: false, afterMs };
    it.invoke("a", 30_000).advance(100).runtimeDone("a").advance(10);
    expect(it.times("go on")).toEqual([110]);
    it.advance(100).invoke("b", 30_000).advance(100).runtimeDone("b");
    expect(it.times("go on")).toHaveLength(2);
  });

  test("does not wait for the end of an invocation that lasts for minutes to send", () => {
    const it = hearing().invoke("a", 600_000).accept(1).advance(20).accept(5).advance(59_000);
    expect(it.pending).toBe(5);
    it.advance(2000);
    expect(it.pending).toBe(0);
  });
});

describe("strategy periodic", () => {
  test("sends at the INVOKE after the interval, and is waited for", () => {
    const it = hearing({ strategy: "periodic", intervalMs: 1000 });
    it.accept(3).invoke("a").advance(5);
    expect(it.times("go on")).toEqual([]);
    it.advance(10);
    expect(it.times("go on")).toEqual([10]);
    it.runtimeDone("a").advance(100).invoke("b");
    expect(it.times("go on")).toEqual([10, it.now]);
    expect(it.pending).toBe(2);
    it.advance(2000).invoke("c").advance(20);
    expect(it.pending).toBe(0);
  });
});

describe("strategy continuous", () => {
  test("asks for the next event at once, and sends beside the function", () => {
    const it = hearing({ strategy: "continuous" }, 4).invoke("a");
    expect(it.times("go on")).toEqual([0]);
    expect(it.times("send")).toEqual([0]);
  });

  test("sends by the interval through an invocation of minutes", () => {
    const it = hearing({ strategy: "continuous", intervalMs: 20_000 }).invoke("a", 600_000).accept(1).advance(100);
    it.accept(1).advance(19_000).accept(1).advance(2000);
    expect(it.times("send")).toEqual([0, 20_010]);
  });
});

describe("strategy adaptive", () => {
  const afterInvocations = (gapMs: number, count: number): SimulatedDelivery => {
    const it = hearing({ strategy: "adaptive" });
    for (let at = 0; at < count; at += 1)
      it.invoke(`${at}`)
        .advance(50)
        .runtimeDone(`${at}`)
        .advance(gapMs - 50);
    return it;
  };

  test("waits for the first invocations, and for none when they are known to come often", () => {
    const early = afterInvocations(1000, 10).invoke("next");
    expect(early.times("go on")).toHaveLength(10);
    const later = afterInvocations(1000, 21).invoke("next");
    expect(later.times("go on").at(-1)).toBe(later.now);
  });

  test("goes on waiting when they come seldom", () => {
    const it = afterInvocations(300_000, 30).invoke("next");
    expect(it.times("go on")).toHaveLength(30);
  });
});

test("sends at once, whatever the strategy, what has become large", () => {
  const it = hearing({ strategy: "continuous", flushBytes: 1000 }).invoke("a", 600_000).accept(1).advance(50);
  expect(it.times("send")).toEqual([0]);
  it.accept(9);
  expect(it.times("send")).toEqual([0]);
  it.accept(1);
  expect(it.times("send")).toEqual([0, 50]);
});

test("renews its connections after a pause that may have been a freeze, and not after a short one", () => {
  const it = hearing({ strategy: "continuous" }).invoke("a").advance(200).invoke("b");
  expect(it.times("renew connections")).toEqual([]);
  it.advance(600_000).invoke("c");
  expect(it.times("renew connections")).toEqual([600_200]);
});

test("leaves a destination alone for as long as it asks", () => {
  const it = hearing({ strategy: "continuous" }, 1);
  it.behaviour = { takesMs: 10, works: false, afterMs: 7000 };
  it.invoke("a", 60_000).advance(7009);
  expect(it.times("send")).toEqual([0]);
  it.advance(1);
  expect(it.times("send")).toEqual([0, 7010]);
});

describe("SHUTDOWN", () => {
  test("ends at once when nothing is left", () => {
    expect(hearing().shutdown().times("end")).toEqual([0]);
  });

  test("waits for the report of the last invocation, and sends it", () => {
    const it = hearing({ strategy: "continuous" }).invoke("a").advance(10).shutdown().advance(40);
    expect(it.times("end")).toEqual([]);
    it.accept(1).event({ event: "reported", requestId: "a" }).advance(100);
    expect(it.pending).toBe(0);
    expect(it.times("end")).toEqual([60]);
  });

  test("waits for that report no longer than reportWaitMs", () => {
    const it = hearing().invoke("a").advance(10).shutdown().advance(2000);
    expect(it.times("end")).toEqual([260]);
  });

  test.each(["timeout", "failure"])("does not wait for it after a %s: it comes to the next start", (reason) => {
    expect(hearing().invoke("a").advance(10).shutdown(reason).times("end")).toEqual([10]);
  });

  test("gives up sending before the deadline", () => {
    const it = hearing({}, 5);
    it.behaviour = { takesMs: 60_000, works: true };
    it.shutdown().advance(5000);
    expect(it.log.slice(-2)).toEqual([
      { at: 1850, effect: "give up sending" },
      { at: 1850, effect: "end" },
    ]);
  });

  test("does not wait out the two seconds for a destination that refuses", () => {
    const it = hearing({}, 5);
    it.behaviour = { takesMs: 1, works: false };
    it.shutdown().advance(5000);
    expect(it.times("send")).toHaveLength(4);
    expect(it.times("end")[0]).toBeLessThan(1000);
  });

  test("tries even a destination that asked to be left alone", () => {
    const it = hearing({ strategy: "continuous" }, 1);
    it.behaviour = { takesMs: 10, works: false, afterMs: 60_000 };
    it.invoke("a").advance(100).shutdown("failure").advance(20);
    expect(it.times("send")).toEqual([0, 100]);
    expect(it.times("end")).toEqual([110]);
  });
});

const moves = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant("wait" as const), ms: fc.constantFrom(1, 30, 400, 5000, 90_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant("accept" as const), records: fc.constantFrom(1, 50, 20_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ move: fc.constant("invoke" as const), timeoutMs: fc.constantFrom(600, 3000, 900_000) }),
  },
  { weight: 2, arbitrary: fc.record({ move: fc.constant("done" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      move: fc.constant("behave" as const),
      takesMs: fc.constantFrom(1, 900, 100_000),
      works: fc.boolean(),
    }),
  },
);

type Move = typeof moves extends fc.Arbitrary<infer T> ? T : never;

/** Plays moves as Lambda would allow them: the next event is handed out only to those that asked for it. */
function play(it: SimulatedDelivery, script: readonly Move[]): void {
  let invocations = 0;
  let deadlineMs = 0;
  const toDeadline = (): void => {
    it.advance(Math.max(0, deadlineMs - it.now));
    expect(it.times("go on")).toHaveLength(invocations);
  };
  for (const each of script) {
    if (each.move === "wait") it.advance(each.ms);
    else if (each.move === "accept") it.accept(each.records);
    else if (each.move === "done") it.runtimeDone(`${invocations}`);
    else if (each.move === "behave") it.behaviour = each;
    else {
      toDeadline();
      invocations += 1;
      deadlineMs = it.now + each.timeoutMs;
      it.invoke(`${invocations}`, each.timeoutMs);
    }
  }
  toDeadline();
}

test("in any course of events each invocation is let go once, in time, and the end is never late", () => {
  const strategies = fc.constantFrom<Strategy>("end", "periodic", "continuous", "adaptive");
  fc.assert(
    fc.property(strategies, fc.array(moves, { maxLength: 60 }), (strategy, script) => {
      const it = hearing({ strategy });
      play(it, script);
      const began = it.now;
      it.shutdown().advance(10_000);
      expect(it.times("end")).toHaveLength(1);
      expect(it.times("end")[0]! - began).toBeLessThanOrEqual(1850);
      const after = it.log.length;
      it.accept(5).advance(10_000);
      expect(it.log).toHaveLength(after);
    }),
  );
});
