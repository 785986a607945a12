/** Matchers for `expect.extend`, whose form vitest and jest share. */
import type { FakeDestination } from "../destinations/fake-destination.ts";
import type { Environment } from "../environment.ts";
import type { ExtensionSnapshot, PhaseSnapshot } from "../snapshot.ts";
import type { SubscriptionView } from "../subscriptions.ts";
import type { TelemetryRecords } from "../telemetry-event.ts";
import type { DeliveredOptions } from "./delivered.ts";
import {
  delivered,
  hadPhase,
  type PhaseShape,
  registered,
  reported,
  type ReportOptions,
  type ShapeOf,
  subscribed,
} from "./judgements.ts";
import type { Expected } from "./shape.ts";
import type { Verdict } from "./verdict.ts";

/** What `expect(…)` has more. `Returns` is what the test framework's own matchers return. */
export interface LambdariumMatchers<Returns = void> {
  /**
   * Records of these shapes arrived at a fake destination: `expect(env)` looks into those the environment was made with,
   * `expect(destination)` into that one. A text or a pattern stands for a record in which it occurs. Several shapes come in
   * their order, with whatever else between them.
   */
  toHaveDelivered(expected: Expected, options?: DeliveredOptions): Returns;
  /** The extension registered; `shape` looks at its entry in `env.snapshot.extensions`: `{ exit: { code: 0 } }`. */
  toHaveRegistered(name: string, shape?: ShapeOf<ExtensionSnapshot>): Returns;
  /** The extension subscribed; `shape` looks at its entry in `env.subscriptions`, `types` are among those it gets. */
  toHaveSubscribed(name: string, shape?: ShapeOf<SubscriptionView>): Returns;
  /** An invocation, or that with this number, was reported so: `{ status: "success", metrics: { … } }`. */
  toHaveReported(shape: ShapeOf<TelemetryRecords["platform.report"]>, options?: ReportOptions): Returns;
  /** There was such a phase, and it took and ended so: `expect(env).toHavePhase("shutdown", { atMost: "2s" })`. */
  toHavePhase(phase: PhaseSnapshot["phase"], shape?: PhaseShape): Returns;
}

type Matcher<Name extends keyof LambdariumMatchers> = (
  actual: unknown,
  ...wanted: Parameters<LambdariumMatchers[Name]>
) => Verdict;

/** For `expect.extend(matchers)`; `lambdarium/vitest` and `lambdarium/jest` do it. */
export const matchers: { readonly [Name in keyof LambdariumMatchers]: Matcher<Name> } = {
  toHaveDelivered: (actual, expected, options) => delivered(deliverer(actual), expected, options),
  toHaveRegistered: (actual, name, shape) => registered(environmentIn(actual), name, shape),
  toHaveSubscribed: (actual, name, shape) => subscribed(environmentIn(actual), name, shape),
  toHaveReported: (actual, shape, options) => reported(environmentIn(actual), shape, options),
  toHavePhase: (actual, phase, shape) => hadPhase(environmentIn(actual), phase, shape),
};

/** Test frameworks may load the library more than once: it is known by what it has, not by its class. */
const has = (value: unknown, member: string): boolean => typeof value === "object" && value !== null && member in value;

function environmentIn(actual: unknown): Environment {
  if (!has(actual, "destinations"))
    throw new TypeError("it takes an environment: expect(env), without calling or awaiting it");
  return actual as Environment;
}

function deliverer(actual: unknown): Environment | FakeDestination {
  if (!has(actual, "destinations") && !has(actual, "received"))
    throw new TypeError("it takes an environment or a fake destination: expect(env)");
  return actual as Environment | FakeDestination;
}
