/** Keeps the platform's segments of an environment, and what its function sent to the daemon (OBS-67 to OBS-85). */
import type { EnvironmentIdentity, Sink } from "../sinks.ts";
import { EnvironmentTraces } from "./environment-traces.ts";
import type { KeptSegment, SegmentDocument } from "./segment-document.ts";

/** Whoever keeps or forwards segments; takes each at once. */
export interface SegmentKeeper {
  readonly keep: (segment: KeptSegment, from: Pick<EnvironmentIdentity, "region">) => void;
  readonly flush: () => Promise<void>;
}

export function traceSink(keeper: SegmentKeeper): Sink {
  return {
    open: (identity) => {
      const traces = new EnvironmentTraces(identity);
      return {
        accept: (record) => {
          for (const document of traces.accept(record)) keeper.keep(platformSegment(document), identity);
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
