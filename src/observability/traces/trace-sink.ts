/** Keeps the platform's segments of an environment, and what its function sent to the daemon (OBS-67 to OBS-85). */
import type { EnvironmentIdentity, Sink } from "../sinks.ts";
import { EnvironmentTraces } from "./environment-traces.ts";
import type { KeptSegment, SegmentDocument } from "./segment-document.ts";

/** Whoever keeps or forwards segments. */
export interface SegmentKeeper {
  /** Takes it at once. */
  readonly keep: (segment: KeptSegment, from: Pick<EnvironmentIdentity, "region">) => void;
  /** For whoever has a better time to make them than between two invocations; default at once. */
  readonly keepLater?: (make: () => readonly KeptSegment[], from: Pick<EnvironmentIdentity, "region">) => void;
  readonly flush: () => Promise<void>;
}

export function traceSink(keeper: SegmentKeeper): Sink {
  const keepAtOnce: NonNullable<SegmentKeeper["keepLater"]> = (make, from) => {
    for (const segment of make()) keeper.keep(segment, from);
  };
  const keepLater = keeper.keepLater ?? keepAtOnce;
  return {
    open: (identity) => {
      const traces = new EnvironmentTraces(identity);
      return {
        accept: (record) => {
          const make = traces.accept(record);
          if (make !== undefined) keepLater(() => make().map(platformSegment), identity);
        },
        acceptSegment: (segment) => keeper.keep(segment, identity),
        close: () => {},
      };
    },
    flush: keeper.flush,
    close: keeper.flush,
  };
}

const platformSegment = (document: SegmentDocument): KeptSegment => ({
  traceId: document.trace_id ?? "",
  id: document.id,
  from: "platform",
  inProgress: false,
  startedAt: document.start_time * 1000,
  document: JSON.stringify(document),
});
