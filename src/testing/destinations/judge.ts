/** What becomes of one request: which records are taken, and what is answered, by the fault there is. */
import type { Fault } from "./fault.ts";
import type { Reading, WireAnswer, WireFormat, WireRequest } from "./wire-format.ts";

export interface Judged<Taken> {
  readonly answer: WireAnswer;
  /** How many were in the request. */
  readonly records: number;
  readonly taken: readonly Taken[];
  readonly problem?: string;
}

export function judge<Taken>(format: WireFormat<Taken>, request: WireRequest, fault: Fault | undefined): Judged<Taken> {
  const reading = read(format, request);
  const records = reading.kind === "records" ? reading.records : [];
  const nothing = { records: records.length, taken: [] };
  if (fault?.kind === "status") {
    const answer = withRetryAfter(format.failure(fault.status, fault.why, request), fault.retryAfterMs);
    return { ...nothing, answer, problem: fault.why };
  }
  if (fault?.kind === "silent") return { ...nothing, answer: { status: 0 }, problem: "never answered" };
  if (reading.kind === "unreadable") return { ...nothing, answer: reading.answer, problem: reading.why };
  if (reading.kind === "call") return { ...nothing, answer: reading.answer };
  const which = fault?.kind === "reject" ? fault.which : () => false;
  const rejected = new Set(records.flatMap((record, at) => (which(record as never) ? [at] : [])));
  const answer = reading.answer(rejected);
  const problems = [
    ...(rejected.size === 0 ? [] : [`rejected ${rejected.size} of ${records.length} records`]),
    ...(fault?.kind === "half" ? ["answered by half"] : []),
  ];
  return {
    records: records.length,
    // Who has no words for a part takes nothing of it.
    taken: answer.status < 300 ? records.filter((_, at) => !rejected.has(at)) : [],
    answer,
    ...(problems.length === 0 ? {} : { problem: problems.join(", ") }),
  };
}

function read<Taken>(format: WireFormat<Taken>, request: WireRequest): Reading<Taken> {
  try {
    return format.read(request);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", why, answer: format.failure(400, why, request) };
  }
}

const withRetryAfter = (answer: WireAnswer, ms: number | undefined): WireAnswer =>
  ms === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(ms / 1000)) } };
