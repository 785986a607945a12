/** The traces that a service keeps in its data directory, for whoever looks at them from another process. */
import { openStore } from "../observability/store/open-store.ts";
import { type Trace, traceOf } from "./traces.ts";

/** Which traces: one, if it is there, or the newest. */
export type TraceWish = { readonly id: string } | { readonly newest: number };

/**
 * Gives the newest first.
 * @throws LambdariumError `store-unusable` when nothing is kept in that directory.
 */
export async function readStoredTraces(directory: string, wish: TraceWish): Promise<readonly Trace[]> {
  const store = await openStore({ directory, reader: true });
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
