/** What a test may claim of an environment, each claim as a verdict with its reasons. */
import type { FakeDestination } from "../destinations/fake-destination.ts";
import { durationOf } from "../duration.ts";
import type { Environment } from "../environment.ts";
import type { ExtensionSnapshot, PhaseSnapshot } from "../snapshot.ts";
import type { SubscriptionView } from "../subscriptions.ts";
import type { TelemetryRecords } from "../telemetry-event.ts";
import { type DeliveredOptions, deliveryProblem } from "./delivered.ts";
import { destinationLines } from "./destination-lines.ts";
import { deliveryLines, lifeLines } from "./environment-lines.ts";
import { type Expected, mismatch, type Shape, shapesOf, short } from "./shape.ts";
import { fails, fits, type Verdict } from "./verdict.ts";

/** Members as they are, or as shapes: patterns, asymmetric matchers, functions that say whether a value fits. */
export type ShapeOf<Of> = { readonly [Member in keyof Of]?: unknown };

/** What arrived: at a destination, or at those the environment was made with. */
export function delivered(
  of: Environment | FakeDestination,
  expected: Expected,
  options: DeliveredOptions = {},
): Verdict {
  const shapes = shapesOf(expected);
  const { to, times } = options;
  const destinations = "destinations" in of ? of.destinations : [of];
  const why = (): readonly string[] => ("destinations" in of ? deliveryLines(of) : destinationLines(of));
  const many = times === undefined ? "" : `, ${times} of each`;
  const what = `${shapes.map(short).join(", then ")} to have been delivered${to === undefined ? "" : ` to ${to}`}${many}`;
  const named = destinations.filter(({ name }) => to === undefined || name === to);
  if (named.length === 0) {
    const known = destinations.map(({ name }) => name);
    const problem = known.length === 0 ? noDestination : `there is no destination ${to}, but ${known.join(", ")}`;
    return fails(what, [problem]);
  }
  // Of none each has to have none; otherwise one of them is enough.
  const problems = named.map(({ name, received }) =>
    deliveryProblem(received, shapes, options).map((line) => (named.length === 1 ? line : `${name}: ${line}`)),
  );
  const fitting = times === 0 ? problems.every(isEmpty) : problems.some(isEmpty);
  return fitting ? fits(what) : fails(what, problems.flat(), why);
}

const noDestination =
  "the environment has no fake destination: give createEnvironment `destinations: [await createDestination(…)]`";

const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;

/** That an extension registered; external ones count when they have, not when they were started. */
export function registered(environment: Environment, name: string, shape: ShapeOf<ExtensionSnapshot> = {}): Verdict {
  const what = `the extension ${name} to have registered${like(shape)}`;
  const { extensions } = environment.snapshot;
  const found = extensions.find((extension) => extension.name === name && !unregistered.has(extension.state));
  if (found === undefined) {
    const states = extensions.map((one) => `${one.name} is ${one.state}`);
    return fails(what, [states.length === 0 ? "there is no extension" : states.join(", ")], () =>
      lifeLines(environment),
    );
  }
  return judged(what, mismatch(found, shape), environment);
}

const unregistered: ReadonlySet<string> = new Set(["Started", "LaunchError"]);

/** That an extension subscribed to telemetry or logs; the types named are among those it gets. */
export function subscribed(environment: Environment, name: string, shape: ShapeOf<SubscriptionView> = {}): Verdict {
  const what = `the extension ${name} to have subscribed${like(shape)}`;
  const { types, ...rest } = shape;
  const own = environment.subscriptions.filter(({ extensionName }) => extensionName === name);
  const problems = own.map((view) => {
    const missing = Array.isArray(types)
      ? (types as readonly string[]).filter((type) => !view.types.includes(type))
      : [];
    if (missing.length > 0) return `it gets ${view.types.join(", ")}, not ${missing.join(", ")}`;
    return mismatch(view, Array.isArray(types) ? rest : shape);
  });
  if (own.length > 0) return judged(what, problems.includes(undefined) ? undefined : problems[0], environment);
  const others = environment.subscriptions.map(({ extensionName }) => extensionName);
  return fails(what, [others.length === 0 ? "nobody has" : `only ${others.join(", ")} have`], () =>
    lifeLines(environment),
  );
}

export interface ReportOptions {
  /** 1 for the first; default any. */
  readonly invocation?: number;
}

/** That the platform reported an invocation so: what `platform.report` has. */
export function reported(
  environment: Environment,
  shape: ShapeOf<TelemetryRecords["platform.report"]>,
  { invocation }: ReportOptions = {},
): Verdict {
  const which = invocation === undefined ? "an invocation" : `invocation ${invocation}`;
  const what = `the report of ${which} to have ${short(shape)}`;
  const reports = environment.telemetry.ofType("platform.report").map(({ record }) => record);
  const looked = invocation === undefined ? reports : reports.slice(invocation - 1, invocation);
  if (looked.length === 0)
    return fails(what, [`${reports.length} invocations were reported`], () => lifeLines(environment));
  return judged(what, noneFits(looked, shape), environment);
}

export interface PhaseShape extends ShapeOf<PhaseSnapshot> {
  /** Of a shutdown: what extensions were told. */
  readonly reason?: unknown;
  /** It took no longer than that: milliseconds or a text such as `2s`. */
  readonly atMost?: number | string;
  /** It took no less than that. */
  readonly atLeast?: number | string;
}

/** That there was such a phase, and that it took and ended so; several of a kind, one of them. */
export function hadPhase(environment: Environment, phase: PhaseSnapshot["phase"], shape: PhaseShape = {}): Verdict {
  const what = `a phase ${phase}${like(shape)}`;
  const { atMost, atLeast, ...rest } = shape;
  const mostMs = atMost === undefined ? Number.POSITIVE_INFINITY : durationOf("atMost", atMost);
  const leastMs = atLeast === undefined ? 0 : durationOf("atLeast", atLeast);
  const { phases, shutdown } = environment.snapshot;
  const looked = phases
    .filter((one) => one.phase === phase)
    .map((one) => (phase === "shutdown" ? { ...one, reason: shutdown?.reason } : one));
  if (looked.length === 0)
    return fails(what, [`there were ${phases.map((one) => one.phase).join(", ") || "none"}`], () =>
      lifeLines(environment),
    );
  const inTime = looked.filter(({ durationMs }) => durationMs <= mostMs && durationMs >= leastMs);
  const problem =
    inTime.length === 0 ? `took ${looked.map(({ durationMs }) => `${durationMs} ms`).join(", ")}` : undefined;
  return judged(what, problem ?? noneFits(inTime, rest), environment);
}

/** Why none of them fits: why the first does not. */
function noneFits(looked: readonly object[], shape: Shape): string | undefined {
  const problems = looked.map((one) => mismatch(one, shape));
  return problems.includes(undefined) ? undefined : problems[0];
}

const like = (shape: object): string => (Object.keys(shape).length === 0 ? "" : ` as ${short(shape)}`);

const judged = (what: string, problem: string | undefined, environment: Environment): Verdict =>
  problem === undefined ? fits(what) : fails(what, [problem], () => lifeLines(environment));
