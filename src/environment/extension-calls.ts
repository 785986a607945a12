/** What an extension may call in which state (EXT-82 to EXT-90), and what each call does to it. */
import { extensionEventNames, type ExtensionEventName, maxExtensions } from "../protocol/extensions-api.ts";
import {
  extensionAlreadyRegistered,
  extensionStateChanged,
  type ExtensionTarget,
  extensionTransitionRefused,
  invalidEventType,
  type Refusal,
  registrationClosed,
  subscriptionClosed,
  tooManyExtensions,
  unknownExtension,
  unknownIdentifier,
} from "../protocol/refusals.ts";
import type { Call, CallId, Outcome } from "./calls.ts";
import type { Environment, Invoking } from "./environment.ts";
import {
  type Extension,
  extensionIdentified,
  extensionNamed,
  type ExtensionState,
  launchedExtension,
  withExtension,
} from "./participants.ts";
import { answerCall, refuseCall, type Turn } from "./turn.ts";

export type ExtensionCall = Extract<
  Call,
  { call: "register" | "event next" | "extension init error" | "extension exit error" | "subscribe" }
>;

type Transition = "register" | "event next" | "extension init error" | "extension exit error";

/** The state after a call that is allowed; a call that is missing is refused. */
const extensionTransitions: Readonly<Record<ExtensionState, Readonly<Partial<Record<Transition, ExtensionState>>>>> = {
  Started: { register: "Registered" },
  Registered: { "event next": "Ready", "extension init error": "InitError", "extension exit error": "ExitError" },
  Ready: { "extension exit error": "ExitError" },
  Running: { "event next": "Ready", "extension exit error": "ExitError" },
  InitError: { "extension init error": "InitError" },
  ExitError: { "extension exit error": "ExitError" },
  LaunchError: {},
  Exited: {},
  ShutdownFailed: {},
};

/** What a refusal names as the state aimed at (EXT-76: `Exited`, not `ExitError`). */
const extensionTargets: Readonly<Record<Transition, ExtensionTarget>> = {
  register: "Registered",
  "event next": "Ready",
  "extension init error": "InitError",
  "extension exit error": "Exited",
};

export interface ExtensionCallResult<E extends Environment> {
  readonly environment: E;
  /** The participants changed so that a phase may now be complete. */
  readonly advanced: boolean;
}

export function receiveExtensionCall<E extends Environment>(
  environment: E,
  callId: CallId,
  call: ExtensionCall,
  turn: Turn,
): ExtensionCallResult<E> {
  if (environment.generation.extensionsOff) {
    answerCall(turn, callId, { kind: "switched off" });
    return { environment, advanced: false };
  }
  if (call.call === "register") return register(environment, callId, call, turn);
  // TEL-75: a reset ends every identifier; its generation is kept only to be looked at.
  const known = environment.phase === "empty" ? undefined : environment.generation;
  const extension = known === undefined ? undefined : extensionIdentified(known, call.identifier);
  const refuse = (refusal: Refusal): ExtensionCallResult<E> => {
    const who = extension?.name ?? call.identifier;
    refuseCall(turn, callId, refusal, { who, call: call.call, state: extension?.state ?? "unknown" });
    return { environment, advanced: false };
  };
  if (extension === undefined)
    return refuse(
      call.call === "event next" || call.call === "subscribe" ? unknownExtension(call.identifier) : unknownIdentifier,
    );
  if (call.call === "subscribe") {
    // TEL-72: open until the end of Init.
    if (environment.phase !== "initializing") return refuse(subscriptionClosed(call.api));
    answerCall(turn, callId, { kind: "may subscribe", extensionName: extension.name });
    return { environment, advanced: false };
  }
  // EXT-65: its parked call was lost, so it may ask again.
  const lostItsCall = call.call === "event next" && extension.state === "Ready" && extension.parked === undefined;
  const next = lostItsCall ? "Ready" : extensionTransitions[extension.state][call.call];
  if (next === undefined)
    return refuse(extensionTransitionRefused(extension.state, extensionTargets[call.call], call.identifier));
  if (call.call === "event next") return askForEvent(environment, extension, callId, turn);
  answerCall(turn, callId, { kind: "accepted" });
  return { environment: postError(environment, extension, next), advanced: true };
}

const change = <E extends Environment>(environment: E, extension: Extension): E => ({
  ...environment,
  generation: withExtension(environment.generation, extension),
});

/** LIFE-68: the first of these decides the type of what follows. */
function postError<E extends Environment>(environment: E, extension: Extension, state: ExtensionState): E {
  const changed = change(environment, { ...extension, state });
  const postedFatal = state === "InitError" ? ("Extension.InitError" as const) : ("Extension.ExitError" as const);
  const expected = environment.phase === "ending" || changed.generation.postedFatal !== undefined;
  return expected ? changed : { ...changed, generation: { ...changed.generation, postedFatal } };
}

function askForEvent<E extends Environment>(
  environment: E,
  extension: Extension,
  callId: CallId,
  turn: Turn,
): ExtensionCallResult<E> {
  const asking: Extension = { ...extension, state: "Ready", handed: undefined, parked: callId, owed: undefined };
  // An INVOKE that was lost is owed as long as its invocation runs (EXT-65).
  const owed = environment.phase === "invoking" ? extension.owed : owedShutdown(environment, extension);
  if (owed === undefined) return { environment: change(environment, asking), advanced: true };
  return { environment: change(environment, deliver(environment, { ...asking, owed }, turn)), advanced: false };
}

/** EXT-66: one still busy when SHUTDOWN is due gets it at its next call; EXT-67: only once. */
const owedShutdown = (environment: Environment, extension: Extension): "SHUTDOWN" | undefined =>
  environment.phase === "ending" &&
  environment.stage === "extensions" &&
  extension.events.includes("SHUTDOWN") &&
  !extension.shutdownDelivered
    ? "SHUTDOWN"
    : undefined;

/** Hands the event that is due to an extension, or notes that it is owed (EXT-65, EXT-81). */
export function deliver(environment: Environment, extension: Extension, turn: Turn): Extension {
  const { owed, parked } = extension;
  if (owed === undefined || parked === undefined) return extension;
  if (extension.state !== "Ready") {
    const refusal = extensionStateChanged(extension.state, "Ready", extension.identifier ?? extension.name);
    refuseCall(turn, parked, refusal, { who: extension.name, call: "event next", state: extension.state });
    return { ...extension, parked: undefined, owed: undefined };
  }
  answerCall(turn, parked, eventOutcome(environment, owed));
  return {
    ...extension,
    state: "Running",
    parked: undefined,
    handed: parked,
    owed: undefined,
    shutdownDelivered: extension.shutdownDelivered || owed === "SHUTDOWN",
  };
}

function eventOutcome(environment: Environment, owed: ExtensionEventName): Outcome {
  if (owed === "INVOKE") {
    const { invocation, deadlineMs } = environment as Invoking;
    return {
      kind: "invoke event",
      deadlineMs,
      requestId: invocation.requestId,
      invokedFunctionArn: invocation.invokedFunctionArn,
      traceHeader: invocation.extensionTraceHeader,
    };
  }
  const { deadlineMs, reason } = environment as Extract<Environment, { phase: "ending" }>;
  return { kind: "shutdown event", deadlineMs, reason };
}

function register<E extends Environment>(
  environment: E,
  callId: CallId,
  call: Extract<ExtensionCall, { call: "register" }>,
  turn: Turn,
): ExtensionCallResult<E> {
  const { generation } = environment;
  const known = extensionNamed(generation, call.name);
  const refusal =
    known?.kind === "external"
      ? refuseExternal(known, call.events)
      : refuseInternal(environment, known !== undefined, call.events);
  if (refusal !== undefined) {
    const state = known?.state ?? "unregistered";
    refuseCall(turn, callId, refusal, { who: call.name, call: call.call, state });
    return { environment, advanced: false };
  }
  answerCall(turn, callId, { kind: "registered", identifier: call.freshIdentifier });
  const registered: Extension = {
    ...(known ?? { ...launchedExtension(call.name), kind: "internal" as const }),
    state: "Registered",
    identifier: call.freshIdentifier,
    // EXT-22: duplicates count once; EVT-68: INVOKE before SHUTDOWN.
    events: extensionEventNames.filter((name) => call.events.includes(name)),
  };
  const extensions =
    known === undefined
      ? [...generation.extensions, registered]
      : generation.extensions.map((extension) => (extension === known ? registered : extension));
  return { environment: { ...environment, generation: { ...generation, extensions } }, advanced: true };
}

const unknownEvent = (events: readonly string[]): string | undefined =>
  events.find((name) => !extensionEventNames.some((event) => event === name));

/** EXT-35, EXT-37 */
function refuseExternal(known: Extension, events: readonly string[]): Refusal | undefined {
  const unknown = unknownEvent(events);
  if (unknown !== undefined) return invalidEventType(unknown, "ErrorInvalidEventType");
  return extensionTransitions[known.state].register === undefined
    ? extensionTransitionRefused(known.state, "Registered", known.name)
    : undefined;
}

/** EXT-35, EXT-36, EXT-39, EXT-40, EXT-38, in this order. */
function refuseInternal(environment: Environment, taken: boolean, events: readonly string[]): Refusal | undefined {
  const { generation } = environment;
  const unknown = unknownEvent(events);
  if (unknown !== undefined) return invalidEventType(unknown, "ErrorInvalidEventType");
  if (events.includes("SHUTDOWN")) return invalidEventType("SHUTDOWN", "ShutdownEventNotSupportedForInternalExtension");
  if (!generation.registrationOpen || environment.phase !== "initializing") return registrationClosed;
  if (generation.extensions.length >= maxExtensions) return tooManyExtensions(maxExtensions);
  return taken ? extensionAlreadyRegistered : undefined;
}

/** Whose call this is, parked or just answered (EXT-65). */
export const extensionHolding = (environment: Environment, callId: CallId): Extension | undefined =>
  environment.generation.extensions.find(({ parked, handed }) => parked === callId || handed === callId);
