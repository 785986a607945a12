/** The thread that alone touches the database, so that neither a write nor a query holds an invocation up. */
import { parentPort, workerData } from "node:worker_threads";
import { asFailure, type ThreadReply } from "../thread/thread-replies.ts";
import { StoreEngine } from "./store-engine.ts";
import type { ThreadData, ThreadRequest } from "./thread-messages.ts";

const port = parentPort ?? raise("This file is started as a thread.");
const reply = (message: ThreadReply): void => port.postMessage(message);

const engine = attempt(0, () => {
  const opened = new StoreEngine({ ...(workerData as ThreadData), now: Date.now });
  return { value: opened, result: opened.interruptedAt };
});

port.on("message", (request: ThreadRequest) => {
  if (engine !== undefined) attempt(request.id, () => ({ value: undefined, result: carryOut(engine, request) }));
  if (request.kind === "close") port.close();
});

function carryOut(store: StoreEngine, request: ThreadRequest): unknown {
  switch (request.kind) {
    case "insert":
      return store.insert(request.rows);
    case "query":
      return store.query(request.table, request.name, request.argument);
    case "command":
      return store.command(request.table, request.name, request.argument);
    case "close":
      return store.close();
    default:
      return request satisfies never;
  }
}

function attempt<Value>(id: number, work: () => { value: Value; result: unknown }): Value | undefined {
  try {
    const { value, result } = work();
    reply({ id, kind: "done", result });
    return value;
  } catch (error) {
    reply({ id, kind: "failed", error: asFailure(error) });
    return undefined;
  }
}

function raise(text: string): never {
  throw new Error(text);
}
