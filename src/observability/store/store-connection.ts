/** The way to the store's engine: on a thread of its own, or here for tests that load the sources. */
import { connectToThread } from "../thread/thread-connection.ts";
import type { StoreEngine } from "./store-engine.ts";
import type { ThreadData, ThreadRequest } from "./thread-messages.ts";

/** Without the id, which the connection gives. */
type StoreRequest = ThreadRequest extends infer Each ? (Each extends unknown ? Omit<Each, "id"> : never) : never;

export interface StoreConnection {
  /** Times of sessions that were cut off, in epoch milliseconds. */
  readonly interruptedAt: readonly number[];
  /** In the order of the calls. */
  readonly ask: (request: StoreRequest) => Promise<unknown>;
  /** After the answer to `close`. */
  readonly end: () => Promise<void>;
}

/** @throws what SQLite or the file system says when the store cannot be opened. */
export async function connectToStoreThread(data: ThreadData): Promise<StoreConnection> {
  const file = new URL("./store-thread.js", import.meta.url);
  const { opened, ask, end } = await connectToThread<StoreRequest>(file, data);
  return { interruptedAt: opened as readonly number[], ask, end };
}

/** Everything at once in this thread. */
export function connectHere(engine: StoreEngine): StoreConnection {
  return {
    interruptedAt: engine.interruptedAt,
    ask: (request) =>
      new Promise((resolve) => {
        if (request.kind === "insert") resolve(engine.insert(request.rows));
        else if (request.kind === "close") resolve(engine.close());
        else resolve(structuredClone(engine[request.kind](request.table, request.name, request.argument)));
      }),
    end: () => Promise.resolve(),
  };
}
