/** The trace of a request to invoke, and what each attempt at it makes of it (OBS-62, OBS-64, OBS-65, OBS-75). */
import type { EpochMs, Tracing } from "./telemetry-records.ts";
import type { RequestTrace, TracedAttempt, TracingMode } from "./traced-invocation.ts";
import { continueTrace, formatTraceHeader, parseTraceHeader, type TraceHeader } from "./trace-header.ts";

export interface AttemptHeaders {
  readonly runtimeTraceHeader: string;
  readonly extensionTraceHeader: string;
  /** EVT-16, EVT-17 */
  readonly tracing?: Tracing;
  /** Only of requests the platform makes segments of. */
  readonly trace?: TracedAttempt;
}

/** How many hex digits of chance `beginTrace` takes: root, parent, service segment. */
export const requestTraceDigits = 56;
/** How many `attemptHeaders` takes: function segment, invocation. */
export const attemptDigits = 32;

/** The trace of a new request; `decide` is asked only when mode is Active and the caller has not decided (OBS-68). */
export function beginTrace(request: {
  readonly incoming: string | undefined;
  readonly mode: TracingMode;
  readonly now: EpochMs;
  readonly randomHex: string;
  readonly decide: () => boolean;
  /** Default 200. */
  readonly httpStatus?: number;
}): RequestTrace {
  const { incoming, mode, now, randomHex, decide, httpStatus = 200 } = request;
  const fresh = { epochSeconds: now / 1000, randomHex: randomHex.slice(0, 40) };
  const undecided = continueTrace(incoming, fresh);
  const caller = parseTraceHeader(incoming ?? "");
  const continued = caller.root !== "" && undecided.root === caller.root;
  const decided = continued && caller.sampled !== undefined;
  const header: TraceHeader =
    mode === "Active" && !decided ? { ...undecided, sampled: decide() ? "1" : "0" } : undecided;
  return {
    header,
    serviceSegmentId: randomHex.slice(40, requestTraceDigits),
    callerId: continued && header.parent === caller.parent ? caller.parent : undefined,
    segments: mode === "Active" && header.sampled === "1",
    startedAt: now,
    httpStatus,
  };
}

/** What one attempt hands to the runtime, to the extensions and to telemetry. */
export function attemptHeaders(request: RequestTrace, randomHex: string): AttemptHeaders {
  const { header, segments, serviceSegmentId } = request;
  const functionSegmentId = randomHex.slice(0, 16);
  const invocationId = randomHex.slice(16, attemptDigits);
  const below = (parent: string): string => formatTraceHeader({ ...header, parent }) ?? "";
  const plain = formatTraceHeader(header) ?? "";
  return {
    runtimeTraceHeader: segments ? below(invocationId) : plain,
    extensionTraceHeader: segments ? below(functionSegmentId) : plain,
    ...(header.sampled === "1"
      ? { tracing: { spanId: functionSegmentId, value: `Root=${header.root};Parent=${serviceSegmentId};Sampled=1` } }
      : {}),
    ...(segments ? { trace: { request, functionSegmentId, invocationId } } : {}),
  };
}
