/** The one sampling rule there is, X-Ray's default, as its API shows it. */
import { defaultFixedRate, defaultReservoirSize } from "../../protocol/sampling.ts";

/** When the rule was made and changed, in seconds since the epoch: never, which clients read so. */
const neverModified = 0;
/** Seconds between two reports of a client, and how long its share of the reservoir is good. */
const reportEverySeconds = 10;

export const samplingRules = (region: string, accountId: string) => ({
  SamplingRuleRecords: [
    {
      SamplingRule: {
        RuleName: "Default",
        RuleARN: `arn:aws:xray:${region}:${accountId}:sampling-rule/Default`,
        ResourceARN: "*",
        Priority: 10_000,
        FixedRate: defaultFixedRate,
        ReservoirSize: defaultReservoirSize,
        ServiceName: "*",
        ServiceType: "*",
        Host: "*",
        HTTPMethod: "*",
        URLPath: "*",
        Version: 1,
        Attributes: {},
      },
      CreatedAt: neverModified,
      ModifiedAt: neverModified,
    },
  ],
});

/** Each client gets the whole reservoir: there is seldom more than one. */
export function samplingTargets(ruleNames: readonly string[], nowMs: number) {
  const targets = [...new Set(ruleNames)].filter((name) => name === "Default");
  return {
    SamplingTargetDocuments: targets.map((RuleName) => ({
      RuleName,
      FixedRate: defaultFixedRate,
      ReservoirQuota: defaultReservoirSize,
      ReservoirQuotaTTL: Math.floor(nowMs / 1000) + reportEverySeconds,
      Interval: reportEverySeconds,
    })),
    LastRuleModification: neverModified,
    UnprocessedStatistics: ruleNames
      .filter((name) => name !== "Default")
      .map((RuleName) => ({ RuleName, ErrorCode: "400", Message: `There is no sampling rule ${RuleName}.` })),
  };
}
