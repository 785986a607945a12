/** Which requests are traced when nobody decided yet (OBS-68): X-Ray's default rule. */

/** The share of requests that are sampled beyond the first in each second. */
export const defaultFixedRate = 0.05;
/** How many requests in each second are sampled before the share counts. */
export const defaultReservoirSize = 1;

export interface SamplingDecision {
  readonly sampled: boolean;
  /** Seconds since the epoch; give it to the next decision. */
  readonly sampledSecond: number | undefined;
}

/** `sampledSecond` is the last second whose first request was sampled; `chance` is from 0 to below 1. */
export function decideSampling(
  sampledSecond: number | undefined,
  now: { readonly epochSeconds: number; readonly chance: number },
): SamplingDecision {
  const second = Math.floor(now.epochSeconds);
  if (second !== sampledSecond) return { sampled: true, sampledSecond: second };
  return { sampled: now.chance < defaultFixedRate, sampledSecond };
}
