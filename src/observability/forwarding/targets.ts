/** Every target that can be asked for. */
import type { ForwardTarget } from "./forward-target.ts";
import type { IsOurselves, Target } from "./target.ts";
import { cloudWatchLogsTarget } from "./targets/cloudwatch-logs.ts";
import { cloudWatchMetricsTarget } from "./targets/cloudwatch-metrics.ts";
import { otlpTarget } from "./targets/otlp.ts";
import { xrayTarget } from "./targets/xray.ts";

/** `all` are those that are forwarded to, this one included. */
export function openTarget(target: ForwardTarget, all: readonly ForwardTarget[], isOurselves: IsOurselves): Target {
  switch (target.to) {
    case "cloudwatch-logs":
      return cloudWatchLogsTarget(isOurselves);
    case "cloudwatch-metrics":
      return cloudWatchMetricsTarget(!all.some(({ to }) => to === "cloudwatch-logs"), isOurselves);
    case "xray":
      return xrayTarget(isOurselves);
    case "otlp":
      return otlpTarget(target.endpoint, isOurselves);
    default:
      return target satisfies never;
  }
}
