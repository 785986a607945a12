/** The platform's own segments of an invocation, made from its life cycle (OBS-70 to OBS-77). */
import type { EpochMs, Report } from "../../protocol/telemetry-records.ts";
import type { TracedInvocation } from "../../protocol/traced-invocation.ts";
import type { EnvironmentIdentity } from "../sinks.ts";
import { fittingCause } from "./fitting-cause.ts";
import type { SegmentDocument } from "./segment-document.ts";

/** A phase before the invocation that its function segment shows. */
export interface EarlierPhase {
  readonly name: "Initialization" | "Restore";
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly failed: boolean;
}

export interface InvocationFacts {
  readonly identity: Pick<EnvironmentIdentity, "functionName" | "functionArn" | "accountId">;
  readonly report: Report;
  readonly traced: TracedInvocation;
  readonly phases: readonly EarlierPhase[];
}

/** The service segment; a later attempt at the same event replaces it by one that ends later (OBS-75). */
export function serviceSegment({ identity, report, traced }: Omit<InvocationFacts, "phases">): SegmentDocument {
  const { request } = traced.attempt;
  return {
    id: request.serviceSegmentId,
    name: identity.functionName,
    trace_id: request.header.root,
    ...(request.callerId === undefined ? {} : { parent_id: request.callerId }),
    start_time: seconds(request.startedAt),
    end_time: seconds(traced.respondedAt ?? traced.endedAt),
    origin: "AWS::Lambda",
    resource_arn: identity.functionArn,
    http: { response: { status: request.httpStatus } },
    aws: { request_id: report.requestId },
  };
}

export function functionSegment(facts: InvocationFacts): SegmentDocument {
  const { identity, report, traced } = facts;
  const { request, functionSegmentId } = traced.attempt;
  const { cause, ...flags } = outcomeOf(report, traced);
  const segment: SegmentDocument = {
    id: functionSegmentId,
    name: identity.functionName,
    trace_id: request.header.root,
    parent_id: request.serviceSegmentId,
    start_time: seconds(traced.startedAt),
    end_time: seconds(traced.endedAt),
    origin: "AWS::Lambda::Function",
    ...flags,
    aws: {
      function_arn: identity.functionArn,
      account_id: identity.accountId,
      resource_names: [identity.functionName],
    },
    subsegments: subsegments(facts),
  };
  return cause === undefined ? segment : withCause(segment, cause);
}

/** OBS-72 to OBS-74 */
function subsegments({ identity, report, traced, phases }: InvocationFacts): readonly SegmentDocument[] {
  const { attempt, releasedAt, respondedAt, endedAt } = traced;
  const part = (id: string, name: string, from: EpochMs, to: EpochMs, flags = {}): SegmentDocument => ({
    id,
    name,
    start_time: seconds(from),
    end_time: seconds(to),
    ...flags,
    aws: { function_arn: identity.functionArn },
  });
  const { cause: _, ...flags } = outcomeOf(report, traced);
  return [
    ...phases.map((phase) =>
      part(
        partId(attempt.functionSegmentId, phase.name),
        phase.name,
        phase.startedAt,
        phase.endedAt,
        phase.failed ? { fault: true } : {},
      ),
    ),
    ...(releasedAt === undefined
      ? []
      : [part(attempt.invocationId, invocationName, releasedAt, respondedAt ?? endedAt, flags)]),
    ...(respondedAt === undefined
      ? []
      : [part(partId(attempt.functionSegmentId, "Overhead"), "Overhead", respondedAt, endedAt)]),
  ];
}

const invocationName = "Invocation";

const partNumbers = { Initialization: 1n, Restore: 2n, Overhead: 3n } as const;

/** Follows from the function segment's: whoever makes the segments of an invocation makes the same ones. */
const partId = (functionSegmentId: string, name: keyof typeof partNumbers): string =>
  BigInt.asUintN(64, BigInt(`0x${functionSegmentId}`) + partNumbers[name])
    .toString(16)
    .padStart(16, "0");

/** OBS-76 */
function outcomeOf(
  { status }: Report,
  { handlerError }: TracedInvocation,
): { readonly error?: true; readonly fault?: true; readonly cause?: string } {
  if (handlerError !== undefined) return { error: true, fault: true, ...handlerError };
  return status === "success" ? {} : { fault: true };
}

/** On both, as long as the document stays within its limit (OBS-77). */
function withCause(segment: SegmentDocument, text: string): SegmentDocument {
  const place = (cause: unknown): SegmentDocument => ({
    ...segment,
    cause,
    subsegments: (segment.subsegments ?? []).map((part) => (part.name === invocationName ? { ...part, cause } : part)),
  });
  return fittingCause(text, place) ?? segment;
}

/** OBS-77: microseconds are kept. */
const seconds = (ms: EpochMs): number => Math.round(ms * 1000) / 1_000_000;
