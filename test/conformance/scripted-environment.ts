/** A peer that speaks the environment's side of the port and says what it is told to: it decides nothing. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Call, CallName, InvocationEvent, Outcome } from "../../src/environment/calls.ts";
import { createSandboxApi } from "../../src/sandbox-api/server.ts";
import type { EnvironmentPort, RefusedRequest, SubscribeAnswer } from "../../src/sandbox-api/port.ts";

/** What is said to each call; a call that is not named here is answered 202. */
export interface Script {
  readonly says?: Partial<Record<CallName, Outcome | "park" | "fault" | ((call: Call) => Outcome)>>;
  readonly port?: Partial<EnvironmentPort>;
  /** The platform is configured without telemetry. */
  readonly withoutTelemetry?: boolean;
}

export const readBuffered: Outcome = { kind: "read body", stream: false, maxBytes: 6_291_556 };
export const readStream: Outcome = { kind: "read body", stream: true, maxBytes: 209_715_200 };

export const invocationEvent: InvocationEvent = {
  requestId: "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",
  invocationId: "3b0c6f1e-21d7-4d7e-9a55-1f0f0e5d7c11",
  deadlineMs: 1_775_888_403_512,
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:parcel-labels:live",
  traceHeader: "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=0",
  clientContext: undefined,
  cognitoIdentity: undefined,
  tenantId: undefined,
  contentType: "application/json",
  payload: Buffer.from('{"parcel":17}'),
};

export interface Scripted {
  readonly port: number;
  readonly server: Server;
  readonly calls: readonly Call[];
  readonly abandoned: readonly CallName[];
  readonly streamed: readonly { readonly requestId: string; readonly contentType: string | undefined }[];
  readonly chunks: readonly Uint8Array[];
  readonly refused: readonly RefusedRequest[];
  readonly faults: readonly unknown[];
  /** Fulfilled when a call of this name has been made (again). */
  called(name: CallName): Promise<Call>;
  /** Fulfilled when a call of this name was abandoned. */
  wasAbandoned(name: CallName): Promise<void>;
  /** Answers the longest parked call of this name. */
  release(name: CallName, outcome: Outcome): void;
  close(): Promise<void>;
}

/** Serves a scripted environment on a free port of loopback. */
export async function serveScripted(script: Script = {}): Promise<Scripted> {
  const calls: Call[] = [];
  const abandoned: CallName[] = [];
  const chunks: Uint8Array[] = [];
  const streamed: { requestId: string; contentType: string | undefined }[] = [];
  const refused: RefusedRequest[] = [];
  const faults: unknown[] = [];
  const parked: { readonly name: CallName; readonly resolve: (outcome: Outcome) => void }[] = [];
  const news = new Set<() => void>();
  const tell = (): void => news.forEach((look) => look());
  const until = async <Found>(find: () => Found | undefined): Promise<Found> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => news.add(resolve));
    }
  };
  let seen = 0;
  let identifiers = 0;
  const environment: EnvironmentPort = {
    functionName: "parcel-labels",
    functionVersion: "3",
    handler: "labels.print",
    accountId: "123456789012",
    snapStart: false,
    extensionsSwitchedOff: false,
    newIdentifier: () => `00000000-0000-4000-8000-${String((identifiers += 1)).padStart(12, "0")}`,
    ask: async (call, caller) => {
      calls.push(call);
      caller.whenLost(() => {
        abandoned.push(call.call);
        tell();
      });
      tell();
      const said = script.says?.[call.call] ?? { kind: "accepted" };
      if (said === "fault") throw new Error("scripted fault");
      if (typeof said === "function") return said(call);
      return said === "park" ? new Promise((resolve) => parked.push({ name: call.call, resolve })) : said;
    },
    streamBegins: (requestId, contentType) => void streamed.push({ requestId, contentType }),
    streamChunk: (_, chunk) => {
      chunks.push(Buffer.from(chunk));
      tell();
      return undefined;
    },
    ...(script.withoutTelemetry === true ? {} : { subscribe: (): SubscribeAnswer => ({ status: 200, body: '"OK"' }) }),
    refusedUnasked: (request) => void refused.push(request),
    faulted: (cause) => void faults.push(cause),
    ...script.port,
  };
  const server = createSandboxApi(environment);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    calls,
    abandoned,
    streamed,
    chunks,
    refused,
    faults,
    called: (name) =>
      until(() => {
        const index = calls.findIndex((call, at) => at >= seen && call.call === name);
        if (index !== -1) seen = index + 1;
        return calls[index];
      }),
    wasAbandoned: (name) => until(() => (abandoned.includes(name) ? true : undefined)).then(() => undefined),
    release: (name, outcome) => {
      const index = parked.findIndex((call) => call.name === name);
      parked.splice(index, 1)[0]?.resolve(outcome);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
