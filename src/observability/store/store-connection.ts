/** The way to the store's engine: on a thread of its own, or here for tests that load the sources. */
import type { StoreEngine } from "./store-engine.ts";
import type { ThreadData, ThreadFailure, ThreadReply, ThreadRequest } from "./thread-messages.ts";

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
export async function connectToThread(data: ThreadData): Promise<StoreConnection> {
  const { Worker } = await import("node:worker_threads");
  const thread = new Worker(new URL("./store-thread.js", import.meta.url), { workerData: data, stdin: false });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended: Error | undefined;
  const expect = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended === undefined) waiting.set(id, { resolve, reject });
      else reject(ended);
    });
  const failAll = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  thread.on("message", (reply: ThreadReply) => {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === "done") caller?.resolve(reply.result);
    else caller?.reject(asError(reply.error));
    if (waiting.size === 0) thread.unref();
  });
  thread.on("error", failAll);
  const gone = new Promise<void>((resolve) => void thread.on("exit", () => resolve()));
  void gone.then(() => failAll(new Error("The store's thread has ended.")));
  const interruptedAt = (await expect(0).catch(async (error: unknown) => {
    await thread.terminate();
    throw error;
  })) as readonly number[];
  return {
    interruptedAt,
    ask: (request) => {
      const id = ++lastId;
      const answer = expect(id);
      thread.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a thread
      thread.postMessage({ ...request, id });
      return answer;
    },
    end: () => {
      // Nothing else may keep this process alive by now, and whoever closes wants to see the end.
      thread.ref();
      return gone;
    },
  };
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

const asError = ({ name, message, code, stack }: ThreadFailure): Error =>
  Object.assign(new Error(message), { name, stack }, code === undefined ? {} : { code });
