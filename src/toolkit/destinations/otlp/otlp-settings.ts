/** What can be said about sending by OTLP. */
import type { Compression } from "../http/compress.ts";
import type { Signal } from "./signals.ts";
import type { SpanStyle } from "./spans.ts";

export interface OtlpSettings {
  /** Without `/v1/…`; default `OTEL_EXPORTER_OTLP_ENDPOINT`, else `http://localhost:4318`. */
  readonly endpoint?: string | undefined;
  /** Whole addresses of single signals, which come before `endpoint`. */
  readonly endpoints?: Readonly<Partial<Record<Signal, string>>>;
  /** Default what `OTEL_EXPORTER_OTLP_HEADERS` lists. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default all three. */
  readonly signals?: readonly Signal[];
  /** Default `protobuf`, which every receiver takes. */
  readonly encoding?: "protobuf" | "json";
  /** Default `gzip`. */
  readonly compression?: Compression;
  /** Added to what is known of the function. */
  readonly resource?: Readonly<Record<string, string | number | boolean>>;
  /** What the spans of a runtimeDone event become; default `children`. */
  readonly spans?: SpanStyle;
  /** Of one request before compression; default 1,000,000. */
  readonly maxBytes?: number;
}
