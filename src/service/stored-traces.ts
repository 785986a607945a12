/** The traces that a service keeps in its data directory, for whoever looks at them from another process. */
import { type Trace, traceOf } from "../host/traces.ts";
import { openKeptStore } from "./kept-store.ts";

export type { Trace, TraceSegment } from "../host/traces.ts";

/** Which traces: one, if it is there, or the newest. */
export type TraceWish = { readonly id: string } | { readonly newest: number };

/**
 * Gives the newest first.
 * @throws LambdariumError `store-missing`, `store-unusable`
 */
export async function readStoredTraces(directory: string, wish: TraceWish): Promise<readonly Trace[]> {
  const store = await openKeptStore(directory);
  try {
    const found =
      "id" in wish
        ? await store.query("traces", "tracesById", { ids: [wish.id] })
        : await store.query("traces", "newestTraces", { limit: wish.newest });
    return found.map(traceOf);
  } finally {
    await store.close();
  }
}
