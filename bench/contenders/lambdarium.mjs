import { createEnvironment } from "lambdarium";

/** Lambdarium as a test would use it; with `keeps`, its logs, metrics and traces go into a store. */
export const lambdarium = ({ freeze = true, keeps = false } = {}) => ({
  name: `lambdarium${keeps ? ", keeping" : ""}${freeze ? "" : ", freeze off"}`,
  takesExtensions: true,
  async start({ functionDirectory, extensions, dataDirectory }) {
    const environment = await createEnvironment({
      function: functionDirectory,
      // The floor has bare processes too: what isolation costs is measured in sandbox.mjs.
      sandbox: "process",
      extensions,
      freeze,
      ...(keeps ? { dataDirectory } : {}),
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
