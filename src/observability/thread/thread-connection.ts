/** A thread of our own, and the questions it is asked. */
import type { ThreadFailure, ThreadReply } from "./thread-replies.ts";

export interface ThreadConnection<Request> {
  /** What the thread said when it was ready. */
  readonly opened: unknown;
  /** In the order of the calls. */
  readonly ask: (request: Request) => Promise<unknown>;
  /** After the answer to the last request, which ends the thread. */
  readonly end: () => Promise<void>;
}

/** It keeps the process alive only while it is asked something. @throws what the thread throws while it opens. */
export async function connectToThread<Request extends object>(
  file: URL,
  data: unknown,
  tell: (text: string) => void = () => {},
): Promise<ThreadConnection<Request>> {
  const { Worker } = await import("node:worker_threads");
  const thread = new Worker(file, { workerData: data, stdin: false });
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
    if (reply.kind === "told") return tell(reply.text);
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === "done") caller?.resolve(reply.result);
    else caller?.reject(asError(reply.error));
    if (waiting.size === 0) thread.unref();
  });
  thread.on("error", failAll);
  const gone = new Promise<void>((resolve) => void thread.on("exit", () => resolve()));
  void gone.then(() => failAll(new Error("The thread has ended.")));
  const opened = await expect(0).catch(async (error: unknown) => {
    await thread.terminate();
    throw error;
  });
  return {
    opened,
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

const asError = ({ name, message, code, stack }: ThreadFailure): Error =>
  Object.assign(new Error(message), { name, stack }, code === undefined ? {} : { code });
