/** Makes each situation true by a script: the peer says what a running environment would say. */
import type { Call, InvocationEvent, Outcome } from "../../src/environment/calls.ts";
import type { EnvironmentPort } from "../../src/sandbox-api/port.ts";
import { requestEntityTooLarge, subscriptionClosed } from "../../src/protocol/refusals.ts";
import { givenFunction, type Situation } from "./case.ts";
import type { Arranged } from "./play.ts";
import {
  invocationEvent,
  readBuffered,
  readStream,
  serveScripted,
  type Script,
  type Scripted,
} from "./scripted-environment.ts";

export async function arrangeScripted(situation: Situation): Promise<Arranged> {
  const script = scripts[situation];
  const facts: Partial<EnvironmentPort> = {
    functionName: givenFunction.name,
    functionVersion: givenFunction.version,
    handler: givenFunction.handler,
    accountId: givenFunction.accountId,
  };
  const scripted = await serveScripted({ ...script, port: { ...facts, ...script.port } });
  return {
    port: scripted.port,
    facts: {
      requestId: invocationEvent.requestId,
      identifier: "e0e0e0e0-0000-4000-8000-000000000001",
      unknown: "e0e0e0e0-0000-4000-8000-00000000ffff",
      path: credentials.path,
      token: credentials.token,
    },
    callerGot: async () => callerGot(scripted),
    close: () => scripted.close(),
  };
}

const invocation = (changes: Partial<InvocationEvent> = {}): Outcome => ({
  kind: "invocation",
  event: { ...invocationEvent, ...changes },
});
const mayBeRead = (outcome: Outcome): Script => ({
  says: { "response begins": outcome, "error begins": readBuffered, "response ends": judge, "error ends": judge },
});
/** The one thing that depends on the call: what was too large is refused. */
const judge = (call: Call): Outcome =>
  "upload" in call && call.upload.kind === "too large"
    ? { kind: "refused", refusal: requestEntityTooLarge(6_291_556) }
    : { kind: "accepted" };
const credentials = {
  path: "/2021-04-23/credentials",
  token: "0d5b0c64",
  body: () => ({ AccessKeyId: "A", SecretAccessKey: "S", Token: "T", Expiration: "2030-01-01T00:00:00Z" }),
};
const maySubscribe: Outcome = { kind: "may subscribe", extensionName: "tracer" };
const register = (call: Call): Outcome =>
  call.call === "register" ? { kind: "registered", identifier: call.freshIdentifier } : { kind: "accepted" };

const scripts: Readonly<Record<Situation, Script>> = {
  "Init has begun": { says: { register } },
  "an invocation waits for the runtime": { says: { "runtime next": invocation() } },
  "an invocation with everything waits for the runtime": {
    says: {
      "runtime next": invocation({
        clientContext: '{"client":{"app_title":"Läden"}}',
        cognitoIdentity: { identityId: "us-east-1:one", identityPoolId: "us-east-1:pool" },
        tenantId: "blue",
      }),
    },
  },
  "an invocation without payload waits for the runtime": {
    says: { "runtime next": invocation({ payload: new Uint8Array(0) }) },
  },
  "an invocation runs": mayBeRead(readBuffered),
  "a streamed invocation runs": mayBeRead(readStream),
  "an extension is registered": { says: { subscribe: maySubscribe } },
  "an INVOKE event waits for an extension": {
    says: {
      "event next": {
        kind: "invoke event",
        deadlineMs: invocationEvent.deadlineMs,
        requestId: invocationEvent.requestId,
        invokedFunctionArn: invocationEvent.invokedFunctionArn,
        traceHeader: invocationEvent.traceHeader,
      },
    },
  },
  "a SHUTDOWN event waits for an extension": {
    says: { "event next": { kind: "shutdown event", deadlineMs: invocationEvent.deadlineMs, reason: "spindown" } },
  },
  "a snap-start environment begins": { port: { snapStart: true } },
  "the platform is without telemetry": { withoutTelemetry: true },
  "extensions are switched off": { port: { extensionsSwitchedOff: true } },
  "the subscription window is closed": {
    says: {
      subscribe: (call) =>
        call.call === "subscribe" ? { kind: "refused", refusal: subscriptionClosed(call.api) } : { kind: "accepted" },
    },
  },
  "credentials come from the container provider": { port: { containerCredentials: credentials } },
};

/** What the environment was told is what a caller would get. */
function callerGot({ calls, chunks }: Scripted): { readonly kind: string; readonly payload: string | undefined } {
  const ends = calls.findLast((call) => call.call === "response ends" || call.call === "error ends");
  if (ends === undefined || ends.upload.kind === "truncated") return { kind: "nothing", payload: undefined };
  if (ends.upload.kind === "too large") return { kind: "response too large", payload: undefined };
  const payload = Buffer.concat([...chunks, ends.upload.body]).toString();
  return { kind: ends.call === "error ends" ? "function error" : "response", payload };
}
