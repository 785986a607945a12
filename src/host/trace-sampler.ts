/** Decides about requests nobody decided about, for one function (OBS-68). */
import { decideSampling } from "../protocol/sampling.ts";
import type { Clock } from "./clock.ts";

export function traceSampler({ now }: Pick<Clock, "now">, chance: () => number = Math.random): () => boolean {
  let sampledSecond: number | undefined;
  return () => {
    const decision = decideSampling(sampledSecond, { epochSeconds: now() / 1000, chance: chance() });
    ({ sampledSecond } = decision);
    return decision.sampled;
  };
}
