/** The thread that forwards: neither encoding, nor disks, nor slow receivers hold an invocation up. */
import { parentPort, workerData } from "node:worker_threads";
import { asFailure, type ThreadReply } from "../thread/thread-replies.ts";
import type { ForwardingRequest } from "./entries.ts";
import { Forwarder, type ForwarderData } from "./forwarder.ts";

const port = parentPort;
if (port === null) throw new Error("This file is started as a thread.");
const reply = (message: ThreadReply): void => port.postMessage(message);

const forwarder = await answer(0, () => {
  const opened = new Forwarder(workerData as ForwarderData, (text) => reply({ id: undefined, kind: "told", text }));
  return { value: opened, result: opened.left };
});

port.on("message", ({ id, ...request }: ForwardingRequest & { readonly id: number }) => {
  const answered = answer(id, async () => ({
    value: undefined,
    result: forwarder === undefined ? undefined : await carryOut(forwarder, request),
  }));
  if (request.kind === "end") void answered.then(() => port.close());
});

async function carryOut(to: Forwarder, request: ForwardingRequest): Promise<unknown> {
  switch (request.kind) {
    case "take":
      return to.take(request.entries);
    case "served at":
      return to.servedAt(request.endpoint);
    case "end":
      return to.end(request.withinMs);
    default:
      return request satisfies never;
  }
}

type Answered<Value> = { readonly value: Value; readonly result: unknown };

async function answer<Value>(
  id: number,
  work: () => Answered<Value> | Promise<Answered<Value>>,
): Promise<Value | undefined> {
  try {
    const { value, result } = await work();
    reply({ id, kind: "done", result });
    return value;
  } catch (error) {
    reply({ id, kind: "failed", error: asFailure(error) });
    return undefined;
  }
}
