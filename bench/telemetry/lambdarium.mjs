import { setTimeout } from "node:timers/promises";
import { createEnvironment } from "lambdarium";

/** Lambdarium, thawed all the time, so that nothing waits for the next invocation. */
export async function startLambdarium({ functionDirectory, extensions, environment }) {
  const running = await createEnvironment({
    // As the floor has it: what isolation costs is measured in sandbox.mjs.
    sandbox: "process",
    function: functionDirectory,
    extensions,
    environmentVariables: environment,
    timeoutMs: 60_000,
    memorySizeMb: 512,
    freeze: false,
  });
  return {
    async write(lines) {
      const { functionError, payload } = await running.invoke({ lines });
      if (functionError !== undefined) throw new Error(JSON.stringify(payload));
    },
    async drained() {
      while (running.subscriptions.some(({ queued }) => queued.events > 0)) await setTimeout(2);
    },
    /** Events of the subscriber that got the fewest. */
    counters() {
      const all = running.subscriptions.map(({ produced, delivered, dropped, queued }) => ({
        produced: produced.events,
        delivered: delivered.events,
        dropped: dropped.events,
        queued: queued.events,
      }));
      return all.sort((one, other) => one.delivered - other.delivered)[0];
    },
    stop: () => running.kill(),
  };
}
