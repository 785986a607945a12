/** A connection that was lost before its answer was written must neither lose an event nor hang a phase (RT-31, EXT-65). */
import type { CallId } from "./calls.ts";
import type { Environment } from "./environment.ts";
import { extensionHolding } from "./extension-calls.ts";
import { withExtension, withRuntime } from "./participants.ts";
import { handOver } from "./runtime-calls.ts";
import type { Turn } from "./turn.ts";

export function abandonCall(environment: Environment, callId: CallId, turn: Turn): Environment {
  const { runtime } = environment.generation;
  if (runtime.parked.includes(callId)) {
    const parked = runtime.parked.filter((id) => id !== callId);
    return { ...environment, generation: withRuntime(environment.generation, { parked }) };
  }
  if (runtime.handed.includes(callId)) return takeInvocationBack(environment, callId, turn);
  const extension = extensionHolding(environment, callId);
  if (extension === undefined) return environment;
  if (extension.parked === callId)
    return { ...environment, generation: withExtension(environment.generation, { ...extension, parked: undefined }) };
  if (extension.state !== "Running") return environment;
  const owed = extension.shutdownDelivered ? ("SHUTDOWN" as const) : ("INVOKE" as const);
  const waiting = { ...extension, state: "Ready" as const, handed: undefined, owed, shutdownDelivered: false };
  return { ...environment, generation: withExtension(environment.generation, waiting) };
}

/** The event goes to another parked `next`, or to the runtime's next one, unless another call got it too (RT-29). */
function takeInvocationBack(environment: Environment, callId: CallId, turn: Turn): Environment {
  if (environment.phase !== "invoking" || environment.generation.runtime.state !== "Running") return environment;
  const handed = environment.generation.runtime.handed.filter((id) => id !== callId);
  if (handed.length > 0) return { ...environment, generation: withRuntime(environment.generation, { handed }) };
  const generation = withRuntime(environment.generation, { state: "Ready", handed });
  const waiting = { ...environment, generation };
  const [parked] = generation.runtime.parked;
  return parked === undefined ? waiting : handOver(waiting, parked, turn);
}
