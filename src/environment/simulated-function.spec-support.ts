/** The function of a simulated environment. */
import type { EnvironmentConfiguration } from "./configuration.ts";
import type { Invocation } from "./invocation.ts";
import type { Behaviour } from "./scripted-processes.spec-support.ts";

export interface SimulatedFunction {
  readonly configuration?: Partial<EnvironmentConfiguration>;
  readonly runtime?: Behaviour | { readonly launchFails: { readonly errorType: string; readonly text: string } };
  readonly extensions?: Readonly<Record<string, Behaviour | { readonly launchFails: string }>>;
  readonly extensionsSwitchedOff?: boolean;
  readonly flushMs?: number;
  readonly thawMs?: number;
}

export const configuration: EnvironmentConfiguration = {
  functionName: "ship-parcel",
  functionVersion: "3",
  memorySizeMb: 512,
  timeoutMs: 3000,
  initializationType: "on-demand",
  logStreamName: "2026/04/11/[3]9a8b",
  freeze: true,
  initLimitMs: 10_000,
  restoreLimitMs: 10_000,
};

export const invocation = (requestId: string): Invocation => ({
  requestId,
  invocationId: `attempt of ${requestId}`,
  payload: new TextEncoder().encode("{}"),
  contentType: "application/json",
  invokedFunctionArn: "arn:aws:lambda:eu-north-1:222233334444:function:ship-parcel:live",
  runtimeTraceHeader: "Root=1-a;Parent=r;Sampled=0",
  extensionTraceHeader: "Root=1-a;Parent=e;Sampled=0",
  streaming: false,
});
