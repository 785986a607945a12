/** What happens while processes end: exits, budgets, and what comes afterwards. */
import { answerInvocation, failureAnswer } from "./answers.ts";
import { becomeGone, endExtensions, flush, sweep } from "./ending.ts";
import type { Empty, Ending, Environment, ShutdownWanted } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { stopped } from "./exits.ts";
import { initialize } from "./initialize.ts";
import { type Extension, extensionNamed, livingExternals, withExtension, withRuntime } from "./participants.ts";
import type { Turn } from "./turn.ts";

type EndingEvent = Extract<
  EnvironmentEvent,
  {
    event:
      | "runtime exited"
      | "runtime launch failed"
      | "extension exited"
      | "extension launch failed"
      | "timer fired"
      | "telemetry flushed"
      | "swept";
  }
>;

export function whileEnding(environment: Ending, event: EndingEvent, turn: Turn): Environment {
  switch (event.event) {
    case "runtime exited":
    case "runtime launch failed":
      return runtimeGone(environment, turn);
    case "extension exited":
      return extensionGone(environment, event.name, event.exit.code === 0, turn);
    case "extension launch failed":
      return extensionGone(environment, event.name, false, turn);
    case "timer fired":
      return budgetUsedUp(environment, event.timer, turn);
    case "telemetry flushed":
      return environment.stage === "flush" ? endExtensions(environment, turn) : environment;
    case "swept":
      return environment.stage === "sweep" ? finish(environment, turn) : environment;
    default:
      return event satisfies never;
  }
}

function runtimeGone(environment: Ending, turn: Turn): Environment {
  const gone = { ...environment, generation: withRuntime(environment.generation, { alive: false }) };
  if (environment.stage !== "runtime") return gone;
  turn.effects.push({ effect: "clear timer", timer: "runtime share" });
  return flush(gone, turn);
}

/** EXT-87, LIFE-64, LIFE-85: gone as soon as the last process ended. */
function extensionGone(environment: Ending, name: string, well: boolean, turn: Turn): Environment {
  const extension = extensionNamed(environment.generation, name);
  if (extension === undefined) return environment;
  const state = well ? "Exited" : "ShutdownFailed";
  const changed: Extension = { ...extension, alive: false, state, parked: undefined };
  const gone = { ...environment, generation: withExtension(environment.generation, changed) };
  if (environment.stage === "runtime" || environment.stage === "sweep") return gone;
  return livingExternals(gone.generation).length > 0 ? gone : sweep(gone, turn);
}

function budgetUsedUp(environment: Ending, timer: string, turn: Turn): Environment {
  if (timer === "runtime share" && environment.stage === "runtime")
    turn.effects.push({ effect: "signal runtime", signal: "SIGKILL" });
  if (timer === "shutdown deadline" && environment.stage === "extensions")
    for (const { name } of livingExternals(environment.generation))
      turn.effects.push({ effect: "kill extension", name });
  return environment;
}

/** LIFE-78, LIFE-80: a reset that was under way becomes the end. */
export function redirect(environment: Ending, shutdownWanted: ShutdownWanted, turn: Turn): Ending {
  const { afterwards } = environment;
  if (afterwards.to !== "initialize again") return { ...environment, afterwards: { to: "gone" } };
  if (!shutdownWanted.interrupt) return { ...environment, shutdownWanted };
  answerInvocation(turn, afterwards.invocation, failureAnswer(afterwards.invocation, stopped));
  return { ...environment, afterwards: { to: "gone" } };
}

function finish(environment: Ending, turn: Turn): Environment {
  const { afterwards, report, shutdownWanted } = environment;
  if (report !== undefined) turn.effects.push({ effect: "conclude invocation", report });
  if (afterwards.to === "initialize again") return initialize(environment, "invoke", afterwards.invocation, turn);
  if (afterwards.to === "empty" && shutdownWanted === undefined) return becomeEmpty(environment);
  return becomeGone(environment, turn);
}

function becomeEmpty({ configuration, generation, timedOut, shutdownWanted }: Ending): Empty {
  return { phase: "empty", configuration, generation, timedOut, unreported: {}, shutdownWanted };
}
