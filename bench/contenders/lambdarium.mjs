import { createEnvironment } from "lambdarium";

/**
 * Lambdarium as a test would use it; with `keeps`, its logs, metrics and traces go into a store; with `forwards`, to a
 * receiver of OTLP; with `traced`, every invocation is traced.
 */
export const lambdarium = ({ freeze = true, keeps = false, forwards = false, traced = false } = {}) => ({
  name: `lambdarium${keeps ? ", keeping" : ""}${forwards ? ", forwarding" : ""}${traced ? ", tracing" : ""}${freeze ? "" : ", freeze off"}`,
  takesExtensions: true,
  async start({ functionDirectory, extensions, dataDirectory, receiver }) {
    const environment = await createEnvironment({
      function: functionDirectory,
      // The floor has bare processes too: what isolation costs is measured in sandbox.mjs.
      sandbox: "process",
      extensions,
      freeze,
      ...(keeps ? { dataDirectory } : {}),
      ...(forwards ? { forward: [`otlp=${receiver}`] } : {}),
      ...(traced ? { tracing: "Active" } : {}),
    });
    return {
      async invoke(payload) {
        const invocation = environment.invoke(payload, traced ? { traceHeader: sampled() } : {});
        await invocation.answered();
        const answeredAt = performance.now();
        await invocation;
        return answeredAt;
      },
      stop: () => environment.kill(),
    };
  },
});

/** Without a caller's decision only some would be traced. Cheap: what the caller does is not what is measured. */
const sampled = () => `Root=1-${hex(8)}-${hex(24)};Parent=${hex(16)};Sampled=1`;
let requests = 0;
const hex = (digits) => (++requests).toString(16).padStart(digits, "0");
