/** OTLP 1.x as its JSON encoding has it, as far as Lambda's telemetry needs it. Times are nanoseconds in decimal. */

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface LogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly flags?: number;
  /** 32 hexadecimal digits. */
  readonly traceId?: string;
  /** 16 hexadecimal digits. */
  readonly spanId?: string;
}

interface SpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags: number;
  readonly name: string;
  /** 2 is SERVER. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events?: readonly SpanEvent[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message?: string };
}

/** One measured value, as a histogram of delta temporality or a sum that only rises. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: { readonly aggregationTemporality: 1; readonly dataPoints: readonly HistogramDataPoint[] };
  readonly sum?: {
    readonly aggregationTemporality: 1;
    readonly isMonotonic: true;
    readonly dataPoints: readonly NumberDataPoint[];
  };
}

interface DataPoint {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

interface NumberDataPoint extends DataPoint {
  readonly asInt: string;
}

interface HistogramDataPoint extends DataPoint {
  readonly count: string;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly bucketCounts: readonly string[];
  readonly explicitBounds: readonly number[];
}

/** Any value of JSON as OTLP has it; what JSON leaves out is left out. */
export function anyValue(value: unknown): AnyValue | undefined {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "boolean":
      return { boolValue: value };
    case "number":
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    case "object":
      if (value === null) return undefined;
      return Array.isArray(value)
        ? { arrayValue: { values: value.flatMap((item) => anyValue(item) ?? []) } }
        : { kvlistValue: { values: attributes(value as Readonly<Record<string, unknown>>) } };
    default:
      return undefined;
  }
}

/** Attributes of those members that have a value. */
export const attributes = (members: Readonly<Record<string, unknown>>): readonly KeyValue[] =>
  Object.entries(members).flatMap(([key, member]) => {
    const value = anyValue(member);
    return value === undefined ? [] : [{ key, value }];
  });

/** Nanoseconds since the epoch. Lambda's times and durations have microseconds: what is finer is a rounding error. */
export const nanos = (ms: number): string => `${Math.round(ms * 1000)}000`;
