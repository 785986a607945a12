/** Whatever happens in whatever order: what must hold after each step and at the end. */
import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  property,
  record,
} from "fast-check";
import { expect, test } from "vitest";
import { type Call, callOf, type Fleet, isFinishing, type PooledEnvironment, samePool } from "./fleet.ts";
import { serviceError } from "../service-error.ts";
import { aCall, aPool, Played } from "./played-fleet.spec-support.ts";

const names = ["a", "b", "c"] as const;
const memorySizesMb = { a: 128, b: 512, c: 1024 };
const settings = { maxEnvironments: 5, memoryMb: 2048, placementWaitMs: 5000, keepAliveMs: 60_000, maxAgeMs: 300_000 };

/** One thing that happens, with numbers that choose among what is there. */
const action = oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: constant("call" as const),
      name: constantFrom(...names),
      provisioned: boolean(),
    }),
  },
  { weight: 6, arbitrary: record({ kind: constant("progress" as const), which: nat(), well: boolean() }) },
  { weight: 4, arbitrary: record({ kind: constant("answer" as const), which: nat() }) },
  { weight: 1, arbitrary: record({ kind: constant("update" as const), name: constantFrom(...names) }) },
  { weight: 1, arbitrary: record({ kind: constant("provision" as const), wanted: nat({ max: 3 }) }) },
  { weight: 1, arbitrary: record({ kind: constant("die" as const), which: nat() }) },
  {
    weight: 3,
    arbitrary: record({ kind: constant("wait" as const), ms: constantFrom(1, 100, 2500, 5000, 60_000) }),
  },
);
type Action = typeof action extends Arbitrary<infer T> ? T : never;

class Script {
  readonly played = new Played(settings);
  readonly generations = { a: 1, b: 1, c: 1 };
  readonly calls = new Map<string, Call>();
  readonly reserved = { a: undefined, b: 2, c: undefined };

  do(act: Action): void {
    const { played } = this;
    switch (act.kind) {
      case "call":
        return this.#call(act.name, act.provisioned);
      case "progress":
        return this.#progress(act.which, act.well);
      case "answer":
        return this.#answer(act.which);
      case "update":
        played.take({ event: "pool retired", pool: this.#pool(act.name) });
        this.generations[act.name] += 1;
        return;
      case "provision": {
        const one = { key: "a", pool: this.#pool("a"), wanted: act.wanted, reserved: false };
        return void played.take({ event: "allocations set", allocations: act.wanted === 0 ? [] : [one] });
      }
      case "die":
        return this.#die(act.which);
      case "wait":
        return played.advance(act.ms);
      default:
        return act satisfies never;
    }
  }

  #pool(name: (typeof names)[number]) {
    return aPool(name, { generation: String(this.generations[name]), memorySizeMb: memorySizesMb[name] });
  }

  #call(name: (typeof names)[number], provisioned: boolean): void {
    const reserved = this.reserved[name];
    const limits = { unreserved: 4, ...(reserved === undefined ? {} : { reserved }) };
    const call = aCall(name, this.#pool(name), { limits, allocations: provisioned ? [name] : [] });
    this.calls.set(call.callId, call);
    this.played.take({ event: "call arrived", call });
  }

  /** The next thing a machine would do with one of the environments. */
  #progress(which: number, well: boolean): void {
    const moving = this.played.environments.filter(({ activity }) => activity.kind !== "idle");
    const environment = moving[which % Math.max(moving.length, 1)];
    if (environment !== undefined) progress(this.played, environment, well);
  }

  #answer(which: number): void {
    const busy = this.played.environments.filter(({ activity }) => activity.kind === "busy");
    const environment = busy[which % Math.max(busy.length, 1)];
    if (environment !== undefined)
      this.played.take({ event: "call answered", environmentId: environment.id, hasExtensions: true });
  }

  #die(which: number): void {
    const standing = this.played.environments.filter(
      ({ activity }) => activity.kind === "idle" || activity.kind === "busy",
    );
    const environment = standing[which % Math.max(standing.length, 1)];
    if (environment !== undefined) this.played.take({ event: "environment gone", environmentId: environment.id });
  }
}

function progress(played: Played, { id, activity }: PooledEnvironment, well: boolean): void {
  const environmentId = id;
  switch (activity.kind) {
    case "starting":
      return void played.take(
        well
          ? { event: "environment made", environmentId }
          : { event: "environment not made", environmentId, error: serviceError("ServiceException", "broken") },
      );
    case "initializing":
      return void played.take({ event: "environment initialized", environmentId, succeeded: well });
    case "busy":
      return played.conclude(environmentId, well);
    case "ending":
      return void played.take({ event: "environment gone", environmentId });
    case "idle":
      return;
    default:
      return activity satisfies never;
  }
}

const needed = (environments: readonly PooledEnvironment[]): number =>
  environments.reduce((sum, { pool }) => sum + Math.min(pool.memorySizeMb, settings.memoryMb), 0);

function holdsAlways({ environments, waiting }: Fleet, script: Script): void {
  expect(environments.length).toBeLessThanOrEqual(settings.maxEnvironments);
  expect(needed(environments)).toBeLessThanOrEqual(settings.memoryMb);
  const running = environments.filter((environment) => callOf(environment) !== undefined);
  const slots = (name: string): number =>
    running.filter(({ pool }) => pool.functionName === name).length +
    waiting.filter(({ call, admitted }) => admitted && call.pool.functionName === name).length;
  expect(slots("b")).toBeLessThanOrEqual(2);
  const unreserved = running.filter(
    ({ pool, allocation }) => pool.functionName !== "b" && allocation === undefined,
  ).length;
  expect(unreserved).toBeLessThanOrEqual(4);
  const occupied = running.map((environment) => callOf(environment)?.callId);
  expect(new Set(occupied).size).toBe(occupied.length);
  for (const environment of running)
    expect(samePool(environment.pool, callOf(environment)?.pool ?? aPool("none"))).toBe(true);
  for (const { call } of waiting) {
    expect(call.pool.generation).toBe(String(script.generations[call.pool.functionName as "a"]));
    expect(script.played.answers.has(call.callId)).toBe(false);
  }
}

/** No new call reaches an environment of the past: whoever is idle can be taken, so nobody of the past is idle. */
const noneOfThePastIsIdle = ({ environments }: Fleet, { generations }: Script): void => {
  for (const { activity, pool, retired } of environments) {
    if (activity.kind !== "idle") continue;
    expect([pool.generation, retired]).toEqual([String(generations[pool.functionName as "a"]), false]);
  }
};

/** Somebody waits for room beside an environment that could be pushed out. */
function waitsInVain({ environments, waiting }: Fleet, now: number): boolean {
  const idle = environments.filter(({ activity, allocation }) => activity.kind === "idle" && allocation === undefined);
  const ending = environments.filter(({ activity }) => activity.kind === "ending");
  const free = settings.maxEnvironments - environments.length + ending.length;
  const freeMb = settings.memoryMb - needed(environments) + needed(ending);
  // As many as environments of their own pool are about to be done want no room.
  const finishing = environments.filter((environment) => isFinishing(environment, now));
  const wanting = waiting.filter(({ call, admitted }) => {
    const own = finishing.findIndex(({ pool }) => samePool(pool, call.pool));
    if (own >= 0) finishing.splice(own, 1);
    return admitted && own < 0;
  });
  const wantedMb = wanting.reduce((sum, { call }) => sum + call.pool.memorySizeMb, 0);
  return idle.length > 0 && wanting.length > 0 && (wanting.length > free || wantedMb > freeMb);
}

test("[SVC-219] [LIFE-34] limits, places and memory hold, an environment runs one call, and no call reaches code of the past", () => {
  assert(
    property(array(action, { minLength: 20, maxLength: 150, size: "max" }), (actions) => {
      const script = new Script();
      for (const act of actions) {
        script.do(act);
        holdsAlways(script.played.fleet, script);
        noneOfThePastIsIdle(script.played.fleet, script);
        expect(waitsInVain(script.played.fleet, script.played.now)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

test("[SVC-152] each call is answered exactly once, and when all is over nothing but provisioned environments is left", () => {
  assert(
    property(array(action, { minLength: 20, maxLength: 150, size: "max" }), (actions) => {
      const script = new Script();
      for (const act of actions) script.do(act);
      const { played } = script;
      for (let rest = 0; rest < 30; rest++) {
        for (const environment of played.environments) progress(played, environment, true);
        played.advance(60_000);
      }
      played.goneAll();
      expect([...script.calls.keys()].filter((callId) => !played.answers.has(callId))).toEqual([]);
      expect(played.environments.filter(({ allocation }) => allocation === undefined)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
