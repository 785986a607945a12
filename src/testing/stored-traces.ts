/** Traces that a service keeps, for the command that shows them. */
export { readStoredTraces, type TraceWish } from "../host/stored-traces.ts";
export type { Trace, TraceSegment } from "../host/traces.ts";
