/**
 * Stands between a runtime and the Runtime API: everything passes at once, in both directions, and may be looked at or
 * changed on its way. `import … from "lambdarium/extension/runtime-proxy"`.
 */
import http from "node:http";
import type { Transform } from "node:stream";
import { ExtensionError } from "../extension-error.ts";
import { listen } from "../listener/listen.ts";
import { forward } from "./forward.ts";
import { answerIn, invocationIn, type ProxiedInvocation, type ProxyHooks } from "./proxied-invocation.ts";
export { changingJson, changingWhole, observing } from "./passages.ts";
export type { ProxiedAnswer, ProxiedInvocation, ProxyHooks } from "./proxied-invocation.ts";

export interface RuntimeProxySettings extends ProxyHooks {
  /** For the port: as for the listener of telemetry, the same for the same name. Default the program's. */
  readonly name?: string;
  /** Default one derived from the name; the wrapper script has to know it. */
  readonly port?: number;
  /** `host:port` to pass on to; default `AWS_LAMBDA_RUNTIME_API`. */
  readonly runtimeApi?: string;
  /** Told of what a hook threw; the body passed as it was. */
  readonly onProblem?: (problem: ExtensionError) => void;
}

export interface RuntimeProxy {
  readonly port: number;
  /** What the runtime has to find in `AWS_LAMBDA_RUNTIME_API`. */
  readonly runtimeApi: string;
  close(): Promise<void>;
}

/**
 * Starts the proxy. It must be up before the runtime starts: in an external extension, before it registers.
 * @throws ExtensionError `no-runtime-api`, or `listener-failed`: the port is taken, and the wrapper script names it
 */
export async function startRuntimeProxy(settings: RuntimeProxySettings = {}): Promise<RuntimeProxy> {
  const upstream = settings.runtimeApi ?? process.env["AWS_LAMBDA_RUNTIME_API"];
  if (upstream === undefined)
    throw new ExtensionError("no-runtime-api", "AWS_LAMBDA_RUNTIME_API is not set: there is nothing to pass on to");
  const invocations = new Map<string, ProxiedInvocation>();
  const agent = new http.Agent({ keepAlive: true });
  const { server, port, warning } = await listen(
    `${settings.name ?? process.argv[1] ?? ""} proxy`,
    (request, response) => forward({ upstream, agent, request, response, ...passages(settings, invocations) }),
    settings.port,
  );
  if (warning !== undefined) {
    server.close();
    throw new ExtensionError("listener-failed", `${warning}; the runtime would look for the proxy at the old one`);
  }
  return {
    port,
    runtimeApi: `127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** A script for `AWS_LAMBDA_EXEC_WRAPPER`: it starts the runtime with the proxy in the place of the Runtime API. */
export const wrapperScript = (port: number): string =>
  `#!/bin/sh\nexport AWS_LAMBDA_RUNTIME_API="127.0.0.1:${port}"\nexec "$@"\n`;

const answering = /\/runtime\/(?:invocation\/([^/]+)\/(response|error)|init\/(error)|restore\/(error))$/;

function passages(settings: RuntimeProxySettings, invocations: Map<string, ProxiedInvocation>) {
  const guarded = (hook: () => Transform | undefined | void): Transform | undefined => {
    try {
      return hook() ?? undefined;
    } catch (error) {
      settings.onProblem?.(new ExtensionError("hook-failed", "a hook of the runtime proxy failed", { cause: error }));
      return undefined;
    }
  };
  return {
    toPlatform({ url, headers }: http.IncomingMessage): Transform | undefined {
      const [, requestId, kind, ...initKinds] = answering.exec(url ?? "") ?? [];
      if (kind === undefined && initKinds.every((one) => one === undefined)) return undefined;
      const invocation = requestId === undefined ? undefined : invocations.get(requestId);
      const hook = kind === "response" ? settings.onResponse : settings.onError;
      return guarded(() => hook?.(invocation, answerIn(headers)));
    },
    toRuntime({ headers }: http.IncomingMessage): Transform | undefined {
      const invocation = invocationIn(headers);
      if (invocation === undefined) return undefined;
      // One at a time; after a time-out nobody says that the last one is over.
      invocations.clear();
      invocations.set(invocation.requestId, invocation);
      return guarded(() => settings.onEvent?.(invocation));
    },
  };
}
