/** From a call of a function by whatever name to the environment that runs it: one way for every kind of call (SVC-207). */
import type { InvocationInFlight } from "../../host/callers.ts";
import type { Clock } from "../../host/clock.ts";
import { newInvocation } from "../../host/new-invocation.ts";
import { randomHex } from "../../host/random-hex.ts";
import { beginTrace, requestTraceDigits } from "../../protocol/request-trace.ts";
import type { RequestTrace } from "../../protocol/traced-invocation.ts";
import type { FunctionDirectory, FunctionTarget } from "../directory.ts";
import type { EnvironmentKeeper, Placement } from "../environments/environment-keeper.ts";
import type { FunctionVersion } from "../functions/function-version.ts";
import type { Call } from "../pool/fleet.ts";
import { type ServiceError, serviceError } from "../service-error.ts";
import { allocationKey } from "./allocation-key.ts";
import type { InvocationMetrics, MetricTarget } from "./invocation-metrics.ts";

export interface FunctionCall {
  readonly target: FunctionTarget;
  /** What the caller is told and the handler sees (SVC-08, SVC-169). */
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** JSON text. */
  readonly clientContext?: string;
  /** As the caller sent it. */
  readonly traceHeader?: string;
  /** In place of `traceHeader`: what an earlier attempt began. */
  readonly trace?: RequestTrace;
  readonly streaming: boolean;
  /** What the caller is answered; default 200. */
  readonly httpStatus?: number;
}

export type BegunCall =
  | {
      readonly kind: "begun";
      readonly version: FunctionVersion;
      readonly trace: RequestTrace;
      readonly inFlight: InvocationInFlight;
    }
  | { readonly kind: "refused"; readonly error: ServiceError };

export interface CallParts {
  readonly directory: FunctionDirectory;
  readonly keeper: EnvironmentKeeper;
  readonly clock: Clock;
  readonly accountConcurrency: number;
  readonly metrics: InvocationMetrics;
  /** Of requests to functions in mode Active that nobody decided about (OBS-68). */
  readonly decideSampling: () => boolean;
}

/** Fulfilled when the event is with an environment, or will never be. */
export async function beginCall(parts: CallParts, call: FunctionCall): Promise<BegunCall> {
  // Code may be replaced while a call waits for a place, and again while it waits for the next one.
  for (;;) {
    const resolution = parts.directory.resolve(call.target, Math.random());
    if (resolution.kind === "refused") return resolution;
    const { version, alias } = resolution;
    const trace = call.trace ?? newTrace(parts, call, version);
    const placement = await place(parts, call, { version, alias, trace });
    switch (placement.kind) {
      case "begun":
        return { kind: "begun", version, trace, inFlight: placement.inFlight };
      case "throttled":
        return { kind: "refused", error: throttled(placement.reason) };
      case "failed":
        return { kind: "refused", error: placement.error };
      case "resolve again":
        continue;
      default:
        return placement satisfies never;
    }
  }
}

interface Resolved {
  readonly version: FunctionVersion;
  readonly alias: string | undefined;
  readonly trace: RequestTrace;
}

async function place(parts: CallParts, call: FunctionCall, { version, alias, trace }: Resolved): Promise<Placement> {
  const { keeper, clock, metrics } = parts;
  const { qualifier } = call.target;
  const target: MetricTarget = {
    region: version.region,
    functionName: version.functionName,
    ...(qualifier === undefined ? {} : { qualifier }),
  };
  const arrivedAt = clock.now();
  const placement = await keeper.place(fleetCall(parts, version, alias), (running) => {
    const { requestId, payload, clientContext, streaming } = call;
    const request = {
      requestId,
      payload,
      trace,
      streaming,
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(qualifier === undefined ? {} : { qualifier }),
    };
    return running.invoke(newInvocation(running.parts.hosted, request, running.parts.clock.now()));
  });
  if (placement.kind === "begun" || placement.kind === "throttled")
    metrics.admitted(target, arrivedAt, placement.kind === "throttled");
  if (placement.kind === "begun" && placement.concurrency === "spilled over") metrics.spilledOver(target, arrivedAt);
  return placement;
}

let calls = 0;

function fleetCall(
  { directory, accountConcurrency }: CallParts,
  version: FunctionVersion,
  alias: string | undefined,
): Call {
  const { region, functionName } = version;
  const reserved = directory.reservedConcurrency(region, functionName);
  const qualifiers = alias === undefined ? [version.version] : [alias, version.version];
  return {
    // An event's attempts have one request id.
    callId: `${++calls}`,
    pool: version,
    allocations: qualifiers.map((qualifier) => allocationKey(region, functionName, qualifier)),
    limits: {
      unreserved: accountConcurrency - directory.totalReserved(region),
      ...(reserved === undefined ? {} : { reserved }),
    },
  };
}

/** SVC-147 */
function newTrace({ decideSampling }: CallParts, call: FunctionCall, version: FunctionVersion): RequestTrace {
  const { traceHeader, httpStatus = 200 } = call;
  // Segments are of the same time as what environments write, which is the machine's.
  const now = Date.now();
  const mode = version.tracingMode;
  return beginTrace({
    incoming: traceHeader,
    mode,
    now,
    randomHex: randomHex(requestTraceDigits),
    decide: decideSampling,
    httpStatus,
  });
}

/** SVC-198 */
const throttled = (reason: string): ServiceError => ({
  ...serviceError("TooManyRequestsException", "Rate Exceeded."),
  reason,
});
