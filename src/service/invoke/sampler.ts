import { decideSampling } from "../../protocol/sampling.ts";

/** Decides about one request after the other, as X-Ray's default rule does (OBS-68). */
export function newSampler(): () => boolean {
  let sampledSecond: number | undefined;
  return () => {
    const decision = decideSampling(sampledSecond, { epochSeconds: Date.now() / 1000, chance: Math.random() });
    ({ sampledSecond } = decision);
    return decision.sampled;
  };
}
