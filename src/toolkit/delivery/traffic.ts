/** What the traffic is like, and what that means for when to send. */

/**
 * `end`: after each invocation, before the next event is asked for. `periodic`: at an INVOKE, when the interval is over,
 * waited for. `continuous`: as periodic, but not waited for. `adaptive`: `end` until the traffic is known to be dense.
 */
export type Strategy = "end" | "periodic" | "continuous" | "adaptive";

/** What `adaptive` comes to for one invocation. */
export type Mode = Exclude<Strategy, "adaptive">;

export interface Traffic {
  readonly invocations: number;
  readonly lastAt: number | undefined;
  /** The mean time between two invocations, the last ones counting most. */
  readonly meanGapMs: number | undefined;
}

export const noTraffic: Traffic = { invocations: 0, lastAt: undefined, meanGapMs: undefined };

/** The weight of the newest gap. */
const weight = 0.2;

export function seeInvocation({ invocations, lastAt, meanGapMs }: Traffic, now: number): Traffic {
  const gapMs = lastAt === undefined ? undefined : now - lastAt;
  const mean =
    gapMs === undefined || meanGapMs === undefined ? (gapMs ?? meanGapMs) : meanGapMs + weight * (gapMs - meanGapMs);
  return { invocations: invocations + 1, lastAt: now, meanGapMs: mean };
}

/** So many invocations are looked at before anything is left to the next one. */
const invocationsToLearn = 20;

/** Where invocations come closer than that, the next one comes soon enough to carry on what is not sent. */
const denseGapMs = 120_000;

export function modeFor(strategy: Strategy, { invocations, meanGapMs }: Traffic): Mode {
  if (strategy !== "adaptive") return strategy;
  return invocations > invocationsToLearn && (meanGapMs ?? Infinity) < denseGapMs ? "continuous" : "end";
}
