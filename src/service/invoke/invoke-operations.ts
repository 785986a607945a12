/** Invoke, InvokeAsync and InvokeWithResponseStream (SVC-128 to SVC-178). */
import type { AwsResponse } from "../../aws-api/exchange.ts";
import type { FunctionDirectory } from "../directory.ts";
import { errorResponse } from "../error-response.ts";
import type { EventQueue } from "../events/event-queue.ts";
import type { InvocationCall, InvocationHandlers } from "../invocation-handlers.ts";
import { invokeResponse } from "./answers.ts";
import type { BegunCall, FunctionCall } from "./begin-call.ts";
import {
  maxEventBytes,
  maxInvokeAsyncBytes,
  maxRequestResponseBytes,
  readClientContext,
  readPayload,
} from "./invoke-requests.ts";
import { streamedResponse } from "./streamed-response.ts";

export interface InvokeParts {
  readonly directory: Pick<FunctionDirectory, "resolve">;
  readonly queue: Pick<EventQueue, "accept">;
  readonly begin: (call: FunctionCall) => Promise<BegunCall>;
  /** A root for requests that bring none. */
  readonly newTraceHeader: () => string;
  /** SVC-164 */
  readonly streamErrorFields: boolean;
}

export function invokeOperations(parts: InvokeParts): InvocationHandlers {
  return {
    invoke: (call) => {
      switch (call.invocationType) {
        case "DryRun":
          return dryRun(call, parts);
        case "Event":
          return queueEvent(call, maxEventBytes, parts);
        default:
          return waitFor(call, parts);
      }
    },
    invokeAsync: (call) => queueEvent(call, maxInvokeAsyncBytes, parts),
    invokeWithResponseStream: (call) => stream(call, parts),
  };
}

/** SVC-139 */
async function dryRun({ target }: InvocationCall, { directory }: InvokeParts): Promise<AwsResponse> {
  const resolution = directory.resolve(target, 0);
  return resolution.kind === "refused" ? errorResponse(resolution.error) : { status: 204 };
}

/** SVC-138: answered when the event is stored. */
async function queueEvent(call: InvocationCall, limitBytes: number, parts: InvokeParts): Promise<AwsResponse> {
  const { request, target } = call;
  const read = await readPayload(request, "Event", limitBytes);
  if (read.kind === "refused") return errorResponse(read.error);
  const resolution = parts.directory.resolve(target, 0);
  if (resolution.kind === "refused") return errorResponse(resolution.error);
  const traceHeader = request.headers["x-amzn-trace-id"] ?? parts.newTraceHeader();
  const { requestId } = request;
  const refused = parts.queue.accept({ requestId, target, payload: read.payload, traceHeader });
  if (refused !== undefined) return errorResponse(refused);
  return { status: 202, headers: { "X-Amzn-Trace-Id": traceHeader }, body: "" };
}

async function waitFor(call: InvocationCall, parts: InvokeParts): Promise<AwsResponse> {
  const begun = await begin(call, false, parts);
  return begun.kind === "refused" ? errorResponse(begun.error) : invokeResponse(begun, call.logType === "Tail");
}

async function stream(call: InvocationCall, parts: InvokeParts): Promise<AwsResponse> {
  const begun = await begin(call, true, parts);
  if (begun.kind === "refused") return errorResponse(begun.error);
  return streamedResponse(begun, { tail: call.logType === "Tail", errorFields: parts.streamErrorFields });
}

async function begin(call: InvocationCall, streaming: boolean, parts: InvokeParts): Promise<BegunCall> {
  const { request, target } = call;
  const read = await readPayload(request, "RequestResponse", maxRequestResponseBytes);
  if (read.kind === "refused") return read;
  const context = readClientContext(call.clientContext);
  if (context.kind === "refused") return context;
  const traceHeader = request.headers["x-amzn-trace-id"];
  return parts.begin({
    target,
    requestId: request.requestId,
    payload: read.payload,
    streaming,
    ...(context.json === undefined ? {} : { clientContext: context.json }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  });
}
