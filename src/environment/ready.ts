/** Between invocations: frozen, and thawed before anything else happens (LIFE-95 to LIFE-103). */
import { answerInvocation, failureAnswer } from "./answers.ts";
import { end, startShutdown } from "./ending.ts";
import type { Environment, Ready, Thawing } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { noteExit, stopped } from "./exits.ts";
import { freeze } from "./idle.ts";
import { failAtOnce, release } from "./invoking.ts";
import { restore } from "./restoring.ts";
import type { Turn } from "./turn.ts";

type ReadyEvent = Extract<
  EnvironmentEvent,
  {
    event:
      | "invoke requested"
      | "runtime exited"
      | "extension exited"
      | "freeze requested"
      | "thaw requested"
      | "thawed"
      | "reset requested";
  }
>;

export function whileReady(environment: Ready, event: ReadyEvent, turn: Turn): Environment {
  switch (event.event) {
    case "invoke requested":
      return thawFor(environment, { to: "invoke", invocation: event.invocation }, turn);
    case "reset requested":
      return thawFor(environment, { to: "reset" }, turn);
    case "freeze requested":
      return environment.frozen ? environment : freeze(environment, turn);
    case "thaw requested":
      if (!environment.frozen || environment.thawing === true) return environment;
      turn.effects.push({ effect: "thaw" });
      return { ...environment, thawing: true };
    case "thawed":
      return environment.thawing === true ? { ...environment, frozen: false, thawing: false } : environment;
    case "runtime exited":
    case "extension exited":
      return noteExit(environment, event);
    default:
      return event satisfies never;
  }
}

/** LIFE-81, LIFE-100: thaw comes before release and before shutdown. */
export function thawFor(environment: Ready, next: Thawing["next"], turn: Turn): Environment {
  const { frozen, thawing: underWay, ...rest } = environment;
  const thawing: Thawing = { ...rest, phase: "thawing", next };
  if (!frozen) return whenThawed(thawing, turn);
  if (underWay !== true) turn.effects.push({ effect: "thaw" });
  return thawing;
}

export function whenThawed(environment: Thawing, turn: Turn): Environment {
  const { next, fatal, shutdownWanted } = environment;
  if (shutdownWanted?.interrupt === true) {
    dropInvocation(environment, turn);
    return startShutdown(environment, shutdownWanted.reason, turn);
  }
  switch (next.to) {
    case "invoke":
      return fatal === undefined
        ? release(environment, next.invocation, turn.now, turn)
        : failAtOnce(environment, next.invocation, fatal, turn);
    case "restore":
      return restore(environment, next.invocation, fatal, turn);
    case "shutdown":
      return startShutdown(environment, next.reason, turn);
    case "reset":
      return end(environment, { reason: "failure", afterwards: { to: "empty" } }, turn);
    default:
      return next satisfies never;
  }
}

/** LIFE-80: an invocation that was accepted and not released is answered, and nothing is recorded of it. */
export function dropInvocation({ next }: Thawing, turn: Turn): void {
  if ("invocation" in next) answerInvocation(turn, next.invocation, failureAnswer(next.invocation, stopped));
}
