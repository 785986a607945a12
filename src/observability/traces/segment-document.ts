/** Segments and subsegments as X-Ray has them: JSON documents whose times are seconds since the epoch (OBS-77). */

export interface SegmentDocument {
  /** 16 lower-case hex digits. */
  readonly id: string;
  readonly name: string;
  /** `1-<8 hex>-<24 hex>`; an embedded subsegment has its segment's. */
  readonly trace_id?: string;
  readonly parent_id?: string;
  readonly type?: "subsegment";
  readonly start_time: number;
  /** Absent while it is in progress. */
  readonly end_time?: number;
  readonly in_progress?: boolean;
  readonly origin?: string;
  /** `aws` or `remote`: the subsegment is a call of another service. */
  readonly namespace?: string;
  readonly error?: boolean;
  readonly fault?: boolean;
  readonly throttle?: boolean;
  readonly cause?: unknown;
  readonly http?: unknown;
  readonly aws?: unknown;
  readonly annotations?: unknown;
  readonly metadata?: unknown;
  readonly user?: string;
  readonly resource_arn?: string;
  readonly inferred?: boolean;
  readonly subsegments?: readonly SegmentDocument[];
}

/** A document that stands by itself, and is kept. */
export interface KeptSegment {
  readonly traceId: string;
  readonly id: string;
  /** What the platform made can be neither replaced nor extended by what a function sends (OBS-82). */
  readonly from: "platform" | "function";
  readonly inProgress: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** JSON text. */
  readonly document: string;
}

export type ReadSegment =
  | { readonly kind: "segment"; readonly segment: KeptSegment }
  /** `errorCode` as PutTraceSegments reports it. */
  | { readonly kind: "refused"; readonly id: string | undefined; readonly errorCode: string; readonly message: string };

/** OBS-77: 64 KiB. */
export const maxDocumentBytes = 65_536;

/** Checks a document that somebody sent; the error codes and their wording are X-Ray's. */
export function readSegment(text: string, from: KeptSegment["from"] = "function"): ReadSegment {
  if (Buffer.byteLength(text) > maxDocumentBytes) return refused({}, "SegmentTooLarge");
  const members = parseObject(text);
  if (members === undefined) return refused({}, "ParseError");
  const errorCode = faultOf(members);
  if (errorCode !== undefined) return refused(members, errorCode);
  const { id, trace_id: traceId, start_time: start, end_time: end } = members as unknown as CheckedMembers;
  return {
    kind: "segment",
    segment: {
      traceId,
      id: id.toLowerCase(),
      from,
      inProgress: end === undefined,
      startedAt: start * 1000,
      document: text,
    },
  };
}

type CheckedMembers = Required<Pick<SegmentDocument, "id" | "trace_id" | "start_time">> &
  Pick<SegmentDocument, "end_time">;
type Members = Readonly<Record<string, unknown>>;

/** X-Ray's name for the first thing that is wrong. */
function faultOf(members: Members): string | undefined {
  const { id, name, trace_id: traceId, start_time: start, end_time: end, parent_id: parent } = members;
  if (id === undefined) return "MissingId";
  if (!matches(id, /^[0-9a-f]{16}$/i)) return "InvalidId";
  if (name === undefined) return "MissingName";
  if (!matches(name, /^[\p{L}\p{N}\p{Z}_.:/%&#=+\\\-@]{1,200}$/u)) return "InvalidName";
  if (traceId === undefined) return "MissingTraceId";
  if (!matches(traceId, /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i)) return "InvalidTraceId";
  if (start === undefined) return "MissingStartTime";
  if (typeof start !== "number") return "InvalidStartTime";
  if (end === undefined && members["in_progress"] !== true) return "MissingEndTime";
  if (end !== undefined && typeof end !== "number") return "InvalidEndTime";
  if (members["type"] !== "subsegment") return undefined;
  return parent === undefined ? "MissingParentId" : undefined;
}

const matches = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);

function refused({ id, type }: Members, errorCode: string): ReadSegment {
  const what = type === "subsegment" ? "subsegment" : "segment";
  return {
    kind: "refused",
    id: typeof id === "string" ? id : undefined,
    errorCode,
    message: `Invalid ${what}. ErrorCode: ${errorCode}`,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
