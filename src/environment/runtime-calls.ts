/** What the runtime may call in which state (RT-92 to RT-99), and what each call does to it. */
import {
  invalidRequestId,
  invalidResponseMode,
  invokeTimeout,
  requestEntityTooLarge,
  type RuntimeTarget,
  runtimeStateChanged,
  runtimeTransitionRefused,
  truncatedRequest,
} from "../protocol/refusals.ts";
import { maxBufferedResponseBytes, maxStreamedResponseBytes } from "../protocol/runtime-api.ts";
import type { Call, CallId, InvocationEvent } from "./calls.ts";
import type { Environment, Invoking } from "./environment.ts";
import { type RuntimeState, withRuntime } from "./participants.ts";
import { answerCall, refuseCall, type Turn } from "./turn.ts";

export type RuntimeCall = Extract<
  Call,
  {
    call:
      | "runtime next"
      | "restore next"
      | "response begins"
      | "response ends"
      | "error begins"
      | "error ends"
      | "init error"
      | "restore error";
  }
>;
type RuntimeCallName = RuntimeCall["call"];

/** The state after a call that is allowed; a call that is missing is refused. */
const runtimeTransitions: Readonly<Record<RuntimeState, Readonly<Partial<Record<RuntimeCallName, RuntimeState>>>>> = {
  NotStarted: {},
  Started: { "runtime next": "Ready", "restore next": "RestoreReady", "init error": "InitError" },
  Ready: { "runtime next": "Ready" },
  Running: {
    "runtime next": "Running",
    "response begins": "InvocationResponse",
    "error begins": "InvocationErrorResponse",
  },
  InvocationResponse: { "response ends": "RuntimeResponseSentState" },
  InvocationErrorResponse: { "error ends": "RuntimeResponseSentState" },
  RuntimeResponseSentState: { "runtime next": "Ready" },
  InitError: {},
  RestoreReady: {},
  Restoring: {
    "runtime next": "Ready",
    "init error": "RuntimeRestoreErrorState",
    "restore error": "RuntimeRestoreErrorState",
  },
  RuntimeRestoreErrorState: {},
};

/** RT-92: what a refusal names as the state aimed at. */
const runtimeTargets: Readonly<Record<RuntimeCallName, RuntimeTarget>> = {
  "runtime next": "Ready",
  "restore next": "Ready",
  "response begins": "InvocationResponse",
  "response ends": "InvocationResponse",
  "error begins": "InvocationErrorResponse",
  "error ends": "InvocationErrorResponse",
  "init error": "InitError",
  "restore error": "RuntimeRestoreErrorState",
};

/** What a call that was allowed means to the phase. */
export type RuntimeNews =
  | { readonly news: "asked for next" }
  | { readonly news: "asked for restore" }
  | { readonly news: "answer begins"; readonly streaming: boolean }
  | { readonly news: "answered"; readonly call: Extract<RuntimeCall, { call: "response ends" | "error ends" }> }
  /** RT-48, RT-49: nothing but its exit or the timeout can follow. */
  | { readonly news: "broke its answer"; readonly errorType: string; readonly bytes: number }
  | { readonly news: "failed to restore"; readonly errorType: string | undefined };

export interface RuntimeCallResult<E extends Environment> {
  readonly environment: E;
  readonly news?: RuntimeNews;
}

export function receiveRuntimeCall<E extends Environment>(
  environment: E,
  callId: CallId,
  call: RuntimeCall,
  turn: Turn,
): RuntimeCallResult<E> {
  const unknown = idRefusal(environment, call);
  const { state } = environment.generation.runtime;
  if (unknown !== undefined) {
    refuseCall(turn, callId, unknown, { who: "runtime", call: call.call, state });
    return { environment };
  }
  const next = runtimeTransitions[state][call.call];
  if (next === undefined) {
    const refusal = runtimeTransitionRefused(state, runtimeTargets[call.call]);
    refuseCall(turn, callId, refusal, { who: "runtime", call: call.call, state });
    return { environment };
  }
  const moved = change(environment, { state: next });
  switch (call.call) {
    case "runtime next":
      return ask(environment, moved, callId, turn);
    case "restore next":
      return { environment: closeRegistration(park(moved, callId)), news: { news: "asked for restore" } };
    case "response begins":
      return beginResponse(moved, callId, call, turn);
    case "error begins":
      answerCall(turn, callId, { kind: "read body", stream: false, maxBytes: maxBufferedResponseBytes });
      return { environment: moved, news: { news: "answer begins", streaming: false } };
    case "response ends":
    case "error ends":
      return endAnswer(environment, moved, callId, call, turn);
    case "init error":
    case "restore error": {
      answerCall(turn, callId, { kind: "accepted" });
      const posted = change(moved, { postedError: { errorType: call.errorType, body: call.body } });
      return next === "RuntimeRestoreErrorState"
        ? { environment: posted, news: { news: "failed to restore", errorType: call.errorType } }
        : { environment: posted };
    }
    default:
      return call satisfies never;
  }
}

const change = <E extends Environment>(environment: E, changed: Parameters<typeof withRuntime>[1]): E => ({
  ...environment,
  generation: withRuntime(environment.generation, changed),
});

const park = <E extends Environment>(environment: E, callId: CallId): E =>
  change(environment, { parked: [...environment.generation.runtime.parked, callId] });

/** EXT-30, RT-14 */
const closeRegistration = <E extends Environment>(environment: E): E =>
  environment.generation.registrationOpen
    ? { ...environment, generation: { ...environment.generation, registrationOpen: false } }
    : environment;

/** RT-36, RT-38 to RT-41: before the state is looked at. An end belongs to the beginning that was let through. */
function idRefusal(environment: Environment, call: RuntimeCall) {
  if (call.call !== "response begins" && call.call !== "error begins") return undefined;
  // RT-93: one that waits for Init or Restore is the current one, too; the state refuses what comes too early.
  const current = "invocation" in environment ? environment.invocation : undefined;
  if (call.invocationId !== undefined && call.invocationId !== current?.invocationId)
    return environment.timedOut.includes(call.invocationId) ? invokeTimeout : invalidRequestId;
  return call.requestId === current?.requestId ? undefined : invalidRequestId;
}

function ask<E extends Environment>(before: E, moved: E, callId: CallId, turn: Turn): RuntimeCallResult<E> {
  const { state } = before.generation.runtime;
  if (before.phase === "invoking") {
    // RT-29: asked again while running; RT-31: the event is still owed to it.
    if (state === "Running" || (state === "Ready" && before.runtimeDoneAt === undefined))
      return { environment: handOver(moved as E & Invoking, callId, turn) };
  }
  const parked = park(change(moved, { handed: [] }), callId);
  // Asking again while parked tells nothing new (RT-30).
  return state === "Ready"
    ? { environment: parked }
    : { environment: closeRegistration(parked), news: { news: "asked for next" } };
}

/** Answers a call with the invocation. */
export function handOver<E extends Invoking>(environment: E, callId: CallId, turn: Turn): E {
  answerCall(turn, callId, { kind: "invocation", event: invocationEvent(environment) });
  const { parked, handed } = environment.generation.runtime;
  return change(environment, {
    state: "Running",
    handed: [...handed, callId],
    parked: parked.filter((id) => id !== callId),
  });
}

const invocationEvent = ({ invocation, deadlineMs }: Invoking): InvocationEvent => ({
  requestId: invocation.requestId,
  invocationId: invocation.invocationId,
  deadlineMs,
  invokedFunctionArn: invocation.invokedFunctionArn,
  traceHeader: invocation.runtimeTraceHeader,
  clientContext: invocation.clientContext,
  cognitoIdentity: invocation.cognitoIdentity,
  tenantId: invocation.tenantId,
  contentType: invocation.contentType,
  payload: invocation.payload,
});

function beginResponse<E extends Environment>(
  moved: E,
  callId: CallId,
  call: Extract<RuntimeCall, { call: "response begins" }>,
  turn: Turn,
): RuntimeCallResult<E> {
  const mode = call.responseMode ?? "";
  if (mode !== "" && mode !== "streaming") {
    refuseCall(turn, callId, invalidResponseMode, { who: "runtime", call: call.call, state: "Running" });
    return broken(moved, "Runtime.InvalidResponseModeHeader", 0, turn);
  }
  // RT-57: a caller that does not stream gets the whole, within the limits of a buffered response.
  const stream = mode === "streaming" && moved.phase === "invoking" && moved.invocation.streaming;
  const maxBytes = stream ? maxStreamedResponseBytes : maxBufferedResponseBytes;
  answerCall(turn, callId, { kind: "read body", stream, maxBytes });
  return { environment: moved, news: { news: "answer begins", streaming: stream } };
}

function endAnswer<E extends Environment>(
  before: E,
  moved: E,
  callId: CallId,
  call: Extract<RuntimeCall, { call: "response ends" | "error ends" }>,
  turn: Turn,
): RuntimeCallResult<E> {
  const { state } = before.generation.runtime;
  const about = { who: "runtime", call: call.call, state };
  // The invocation ended, or its answer broke, while this body was on its way (LIFE-51, RT-49).
  if (before.phase !== "invoking" || before.invocation.requestId !== call.requestId || before.fatal !== undefined) {
    refuseCall(turn, callId, invalidRequestId, about);
    return { environment: before };
  }
  switch (call.upload.kind) {
    case "truncated":
      refuseCall(turn, callId, truncatedRequest, about);
      return broken(before, "Runtime.TruncatedResponse", call.call === "response ends" ? call.bytes : 0, turn);
    case "too large":
      refuseCall(turn, callId, requestEntityTooLarge(maxBufferedResponseBytes), about);
      return { environment: moved, news: { news: "answered", call } };
    case "complete":
      answerCall(turn, callId, { kind: "accepted" });
      return { environment: moved, news: { news: "answered", call } };
    default:
      return call.upload satisfies never;
  }
}

/** RT-48, RT-49: the state stays where it is, so parked calls can no longer be released (RT-100). */
function broken<E extends Environment>(
  environment: E,
  errorType: string,
  bytes: number,
  turn: Turn,
): RuntimeCallResult<E> {
  const { state, parked } = environment.generation.runtime;
  for (const callId of parked)
    refuseCall(turn, callId, runtimeStateChanged(state, "Ready"), { who: "runtime", call: "runtime next", state });
  return { environment: change(environment, { parked: [] }), news: { news: "broke its answer", errorType, bytes } };
}
