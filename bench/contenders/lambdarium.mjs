import { createEnvironment } from "lambdarium";

/** Lambdarium as a test would use it. */
export const lambdarium = (freeze) => ({
  name: freeze ? "lambdarium" : "lambdarium, freeze off",
  takesExtensions: true,
  async start({ functionDirectory, extensions }) {
    const environment = await createEnvironment({
      function: functionDirectory,
      // The floor has bare processes too: what isolation costs is measured in sandbox.mjs.
      sandbox: "process",
      extensions,
      freeze,
    });
    return {
      async invoke(payload) {
        const invocation = environment.invoke(payload);
        await invocation.answered();
        const answeredAt = performance.now();
        await invocation;
        return answeredAt;
      },
      stop: () => environment.kill(),
    };
  },
});
