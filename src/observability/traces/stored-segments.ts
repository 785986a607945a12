/** Segments into the store. */
import type { Store } from "../store/open-store.ts";
import type { SegmentKeeper } from "./trace-sink.ts";

export const storedSegments = (store: Store, now: () => number): SegmentKeeper => ({
  keep: (segment, { region }) =>
    store.insert("traces", [{ ...segment, region, storedAt: Math.floor(now()) }], segment.document.length),
  flush: () => store.flush(),
});
