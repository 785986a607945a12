/** What a daemon needs of X-Ray: to send segments, and to learn what is to be sampled. */
import type { KeptSegment } from "./segment-document.ts";
import { readSegment } from "./segment-document.ts";
import { samplingRules, samplingTargets } from "./sampling-rules.ts";
import { InvalidRequest, textsOf, type XrayInput, type XrayOperations } from "./xray-operation.ts";

export interface DaemonFacts {
  readonly region: string;
  readonly accountId: string;
  readonly now: () => number;
  readonly accept: (segment: KeptSegment) => void;
}

export const daemonOperations = ({ region, accountId, now, accept }: DaemonFacts): XrayOperations => ({
  "/TraceSegments": (input) => putTraceSegments(input, accept),
  "/TelemetryRecords": () => ({}),
  "/GetSamplingRules": (_, { scope }) => samplingRules(scope?.region ?? region, accountId),
  "/SamplingTargets": (input) => samplingTargets(ruleNames(input), now()),
});

function putTraceSegments(input: XrayInput, accept: DaemonFacts["accept"]) {
  const unprocessed = [];
  for (const document of textsOf(input, "TraceSegmentDocuments")) {
    const read = readSegment(document);
    if (read.kind === "segment") accept(read.segment);
    else unprocessed.push({ Id: read.id, ErrorCode: read.errorCode, Message: read.message });
  }
  return { UnprocessedTraceSegments: unprocessed };
}

function ruleNames(input: XrayInput): readonly string[] {
  const documents = input["SamplingStatisticsDocuments"];
  if (!Array.isArray(documents)) throw new InvalidRequest("SamplingStatisticsDocuments is required, and is a list.");
  return documents.map((document: unknown) => String((document as { RuleName?: unknown } | null)?.RuleName));
}
