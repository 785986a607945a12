/** One attempt at an event, and what it came to (SVC-170 to SVC-175). */
import type { FunctionDirectory } from "../directory.ts";
import { isFunctionError } from "../invoke/answers.ts";
import type { BegunCall, FunctionCall } from "../invoke/begin-call.ts";
import { serviceErrors } from "../service-error.ts";
import type { AttemptOutcome, QueuedEvent } from "./queued-event.ts";

export interface Attempt {
  readonly outcome: AttemptOutcome;
  /** With the trace that its attempts share. */
  readonly event: QueuedEvent;
  /** Fulfilled when the environment is free again. */
  readonly concluded: Promise<unknown>;
}

export async function attempt(
  event: QueuedEvent,
  directory: Pick<FunctionDirectory, "reservedConcurrency">,
  begin: (call: FunctionCall) => Promise<BegunCall>,
): Promise<Attempt> {
  const { target, requestId, payload, trace, traceHeader } = event;
  if (directory.reservedConcurrency(target.region, target.name) === 0)
    return { outcome: { kind: "never" }, event, concluded: Promise.resolve() };
  const call = await begin({
    target,
    requestId,
    payload,
    streaming: false,
    httpStatus: 202,
    ...(trace === undefined ? {} : { trace }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  });
  if (call.kind === "refused")
    return { outcome: refusedOutcome(serviceErrors[call.error.name].status), event, concluded: Promise.resolve() };
  const { inFlight } = call;
  const answer = await inFlight.answered;
  const traced = { ...event, trace: call.trace };
  if (answer.kind === "service error")
    return { outcome: { kind: "put back" }, event: traced, concluded: inFlight.concluded };
  const failed = isFunctionError(answer);
  const { version, deadLetterTargetArn } = call.version;
  const response = {
    statusCode: 200,
    executedVersion: version,
    payload: inFlight.stream.payload(),
    ...(failed ? { functionError: "Unhandled" as const } : {}),
    ...(deadLetterTargetArn === undefined ? {} : { deadLetterTargetArn }),
  };
  return { outcome: { kind: failed ? "failure" : "success", response }, event: traced, concluded: inFlight.concluded };
}

/** A function that is gone counts (SVC-175); one that cannot run now is tried again (SVC-172). */
const refusedOutcome = (statusCode: number): AttemptOutcome =>
  statusCode === 404 ? { kind: "failure", response: { statusCode } } : { kind: "put back" };
