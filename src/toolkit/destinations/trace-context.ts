/** X-Ray's trace header as OpenTelemetry's ids. */
import { createHash } from "node:crypto";
import type { TelemetryTracing } from "../telemetry-records.ts";

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
}

/** Undefined where the record was not traced. */
export function traceContext(tracing: TelemetryTracing | undefined): TraceContext | undefined {
  if (tracing === undefined) return undefined;
  const [, epoch, unique] = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i.exec(tracing.value) ?? [];
  if (epoch === undefined || unique === undefined) return undefined;
  const traceId = `${epoch}${unique}`.toLowerCase();
  return {
    traceId,
    spanId: tracing.spanId ?? derivedId(traceId, "invocation"),
    parentSpanId: /Parent=([0-9a-f]{16})/i.exec(tracing.value)?.[1]?.toLowerCase(),
    sampled: /Sampled=1/.test(tracing.value),
  };
}

/** A span id that is the same whenever the same record is encoded again: what is sent twice can be told. */
export const derivedId = (...of: readonly string[]): string =>
  createHash("sha256").update(of.join("\n")).digest("hex").slice(0, 16);
