/** Segments into the store. */
import type { Store } from "../store/open-store.ts";
import type { SegmentKeeper } from "./trace-sink.ts";

/** About what the segments of an invocation take on their way to the store. */
const invocationBytes = 2048;

export const storedSegments = (store: Store, now: () => number): SegmentKeeper => ({
  keep: (segment, { region }) =>
    store.insert("traces", [{ ...segment, region, storedAt: Math.floor(now()) }], segment.document.length),
  keepLater: (make, { region }) => {
    const storedAt = Math.floor(now());
    store.insertLater("traces", () => make().map((segment) => ({ ...segment, region, storedAt })), invocationBytes);
  },
  flush: () => store.flush(),
});
