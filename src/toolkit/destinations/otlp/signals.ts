/** The three signals of OTLP, and what a writer has to do for them. */
import type { KeyValue, LogRecord, Metric, Span } from "./model.ts";

export type Signal = "logs" | "metrics" | "traces";

export type SignalContent =
  | { readonly signal: "logs"; readonly parts: readonly LogRecord[] }
  | { readonly signal: "metrics"; readonly parts: readonly Metric[] }
  | { readonly signal: "traces"; readonly parts: readonly Span[] };

/** One of the protocol's two encodings. Items are written once, and put into a request as they are. */
export interface Writer {
  readonly contentType: string;
  readonly itemOverheadBytes: number;
  item(content: SignalContent): string | Buffer;
  request(signal: Signal, resource: readonly KeyValue[], items: readonly (string | Buffer)[]): Buffer;
}

/** The scope under which everything is sent. */
export const scopeName = "lambdarium/extension";
