/** The whole machine: what an environment does about an event. Pure: time is an argument, and so is chance. */
import { abandonCall } from "./abandoned-calls.ts";
import type { Call } from "./calls.ts";
import type { EnvironmentConfiguration } from "./configuration.ts";
import type { Effect } from "./effects.ts";
import type { Created, Environment, ShutdownWanted } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { noteExit } from "./exits.ts";
import { type ExtensionCall, receiveExtensionCall } from "./extension-calls.ts";
import { initialize } from "./initialize.ts";
import { advanceInit, whileInitializing } from "./initializing.ts";
import { advanceInvoke, onRuntimeNews, whileInvoking } from "./invoking.ts";
import { extensionNamed, newGeneration, withRuntime } from "./participants.ts";
import { whileReady, whenThawed } from "./ready.ts";
import { onRestoreNews, whileRestoring, whileSnapshotted } from "./restoring.ts";
import { receiveRuntimeCall, type RuntimeNews } from "./runtime-calls.ts";
import { requestShutdown } from "./shutdown-requests.ts";
import { answerCall, type Turn } from "./turn.ts";
import { whileEnding } from "./while-ending.ts";

export interface Step {
  readonly environment: Environment;
  /** To be carried out in this order. */
  readonly effects: readonly Effect[];
}

export const createEnvironment = (configuration: EnvironmentConfiguration): Created => ({
  phase: "created",
  configuration,
  generation: newGeneration(0),
  timedOut: [],
  unreported: {},
  shutdownWanted: undefined,
});

/** `now` is in milliseconds since the epoch, with fractions, and never goes back. */
export function step(environment: Environment, event: EnvironmentEvent, now: number): Step {
  const turn: Turn = { now, effects: [] };
  return { environment: react(environment, event, turn), effects: turn.effects };
}

function react(environment: Environment, event: EnvironmentEvent, turn: Turn): Environment {
  if (concernsNobody(environment, event)) return environment;
  switch (event.event) {
    case "called":
      return receive(environment, event.callId, event.call, turn);
    case "call abandoned":
      return abandonCall(environment, event.callId, turn);
    case "invoke requested":
      return requestInvocation(environment, event, turn);
    case "init requested":
      return environment.phase === "created" ? initialize(environment, "init", undefined, turn) : environment;
    case "shutdown requested":
      return requestShutdown(
        environment,
        { reason: event.reason, interrupt: event.interrupt, skipBudgets: false },
        turn,
      );
    case "kill requested":
      return requestShutdown(environment, killed, turn);
    case "thawed":
      if (environment.phase === "thawing") return whenThawed(environment, turn);
      return environment.phase === "ready" ? whileReady(environment, event, turn) : environment;
    case "freeze requested":
    case "thaw requested":
    case "reset requested":
      return environment.phase === "ready" ? whileReady(environment, event, turn) : environment;
    case "telemetry flushed":
    case "swept":
      return environment.phase === "ending" ? whileEnding(environment, event, turn) : environment;
    case "extensions discovered":
    case "extension launched":
    case "runtime launched":
      return environment.phase === "initializing" ? whileInitializing(environment, event, turn) : environment;
    case "extension launch failed":
    case "runtime launch failed":
      return launchFailed(environment, event, turn);
    case "runtime exited":
    case "extension exited":
      return exited(environment, event, turn);
    case "timer fired":
      return timerFired(environment, event, turn);
    case "platform failed":
      return platformFailed(environment, event, turn);
    default:
      return event satisfies never;
  }
}

const killed: ShutdownWanted = { reason: "failure", interrupt: true, skipBudgets: true };

/** The end of a process of an earlier generation, or of one that is none of ours. */
const concernsNobody = ({ generation }: Environment, event: EnvironmentEvent): boolean =>
  (event.event === "runtime exited" || event.event === "extension exited") &&
  (event.generation !== generation.number ||
    (event.event === "extension exited" && extensionNamed(generation, event.name) === undefined));

function requestInvocation(
  environment: Environment,
  event: Extract<EnvironmentEvent, { event: "invoke requested" }>,
  turn: Turn,
): Environment {
  const refuse = (why: "busy" | "ending" | "gone"): Environment => {
    turn.effects.push({ effect: "refuse invocation", requestId: event.invocation.requestId, why });
    return environment;
  };
  switch (environment.phase) {
    case "created":
      return initialize(environment, "init", event.invocation, turn);
    case "empty":
      return initialize(environment, "invoke", event.invocation, turn);
    case "initializing":
      if (environment.invocation !== undefined) return refuse("busy");
      return environment.shutdownWanted === undefined
        ? { ...environment, invocation: event.invocation }
        : refuse("ending");
    case "ready":
      return whileReady(environment, event, turn);
    case "snapshotted":
      return whileSnapshotted(environment, event, turn);
    case "ending":
      return refuse(environment.afterwards.to === "gone" ? "ending" : "busy");
    case "thawing":
    case "invoking":
    case "restoring":
      return refuse("busy");
    case "gone":
      return refuse("gone");
    default:
      return environment satisfies never;
  }
}

/** Whoever spoke for a process that never was may have ended Init before its launch was known to have failed. */
function launchFailed(
  environment: Environment,
  event: Extract<EnvironmentEvent, { event: "extension launch failed" | "runtime launch failed" }>,
  turn: Turn,
): Environment {
  if (environment.phase === "initializing") return whileInitializing(environment, event, turn);
  if (environment.phase === "ending") return whileEnding(environment, event, turn);
  const ended = { generation: environment.generation.number, exit: { code: 1, signal: null, outOfMemory: false } };
  if (event.event === "runtime launch failed") return exited(environment, { event: "runtime exited", ...ended }, turn);
  return extensionNamed(environment.generation, event.name) === undefined
    ? environment
    : exited(environment, { event: "extension exited", name: event.name, ...ended }, turn);
}

function exited(
  environment: Environment,
  event: Extract<EnvironmentEvent, { event: "runtime exited" | "extension exited" }>,
  turn: Turn,
): Environment {
  switch (environment.phase) {
    case "initializing":
      return whileInitializing(environment, event, turn);
    case "ready":
      return whileReady(environment, event, turn);
    case "thawing":
      return noteExit(environment, event);
    case "snapshotted":
      return whileSnapshotted(environment, event, turn);
    case "restoring":
      return whileRestoring(environment, event, turn);
    case "invoking":
      return whileInvoking(environment, event, turn);
    case "ending":
      return whileEnding(environment, event, turn);
    case "created":
    case "empty":
    case "gone":
      return environment;
    default:
      return environment satisfies never;
  }
}

function timerFired(
  environment: Environment,
  event: Extract<EnvironmentEvent, { event: "timer fired" }>,
  turn: Turn,
): Environment {
  switch (environment.phase) {
    case "initializing":
      return whileInitializing(environment, event, turn);
    case "invoking":
      return whileInvoking(environment, event, turn);
    case "restoring":
      return whileRestoring(environment, event, turn);
    case "ending":
      return whileEnding(environment, event, turn);
    case "created":
    case "ready":
    case "thawing":
    case "snapshotted":
    case "empty":
    case "gone":
      return environment;
    default:
      return environment satisfies never;
  }
}

function platformFailed(
  environment: Environment,
  event: Extract<EnvironmentEvent, { event: "platform failed" }>,
  turn: Turn,
): Environment {
  if (environment.phase === "initializing") return whileInitializing(environment, event, turn);
  if (environment.phase === "invoking") return whileInvoking(environment, event, turn);
  if (environment.phase === "restoring") return whileRestoring(environment, event, turn);
  if (environment.phase === "gone" || environment.phase === "ending") return environment;
  return requestShutdown(environment, killed, turn);
}

function receive(environment: Environment, callId: number, call: Call, turn: Turn): Environment {
  if (isExtensionCall(call)) {
    const { environment: after, advanced } = receiveExtensionCall(environment, callId, call, turn);
    if (!advanced) return after;
    if (after.phase === "initializing") return advanceInit(after, turn);
    return after.phase === "invoking" ? advanceInvoke(after, turn) : after;
  }
  const { environment: after, news } = receiveRuntimeCall(environment, callId, call, turn);
  return news === undefined ? after : tell(after, news, turn);
}

const isExtensionCall = (call: Call): call is ExtensionCall =>
  call.call === "register" ||
  call.call === "event next" ||
  call.call === "subscribe" ||
  call.call === "extension init error" ||
  call.call === "extension exit error";

function tell(environment: Environment, news: RuntimeNews, turn: Turn): Environment {
  if (environment.phase === "invoking") return onRuntimeNews(environment, news, turn);
  if (environment.phase === "restoring") return onRestoreNews(environment, news, turn);
  if (environment.phase !== "initializing") return environment;
  // LIFE-125: a repeated Init has no snapshot, so restore/next is answered at once.
  if (news.news === "asked for restore" && environment.attempt === "invoke") {
    const { runtime } = environment.generation;
    for (const parked of runtime.parked) answerCall(turn, parked, { kind: "restored" });
    const generation = withRuntime(environment.generation, { state: "Restoring", parked: [] });
    return advanceInit({ ...environment, generation }, turn);
  }
  return advanceInit(environment, turn);
}
