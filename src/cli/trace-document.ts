/** A trace in JSON documents: the tree alone, in a list of segments everything would be there twice. */
import type { Trace } from "../service/stored-traces.ts";

export const traceDocument = ({ id, startedAt, durationMs, requestIds, roots }: Trace) => ({
  id,
  startedAt,
  durationMs,
  requestIds,
  roots,
});
