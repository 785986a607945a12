/** What the sandbox API asks of an environment, answered by its parts. */
import { randomUUID } from "node:crypto";
import type { Call, Outcome } from "../environment/calls.ts";
import { subscriptionRoutes } from "../protocol/subscription-api.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Caller, EnvironmentPort } from "../sandbox-api/port.ts";
import type { Callers } from "./callers.ts";
import type { Clock } from "./clock.ts";
import { containerCredentials } from "./container-credentials.ts";
import type { HostedFunction } from "./hosted-function.ts";
import type { Notices } from "./notices.ts";
import type { ParkedCalls } from "./parked-calls.ts";
import type { TelemetryDelivery } from "./telemetry-delivery.ts";

interface Parts {
  readonly sandbox: Sandbox;
  readonly parked: ParkedCalls;
  readonly callers: Callers;
  readonly telemetry: TelemetryDelivery;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly extensionsOff: () => boolean;
  /** Whoever waits for the answer that could not be made waits for ever: the environment has to hear of it. */
  readonly faulted: (cause: unknown) => void;
}

export function environmentPort(hosted: HostedFunction, parts: Parts) {
  const { sandbox, parked, callers, telemetry, notices } = parts;
  const credentials = containerCredentials(hosted, parts.clock);
  return {
    functionName: hosted.functionName,
    functionVersion: hosted.functionVersion,
    handler: hosted.handler,
    accountId: hosted.accountId,
    snapStart: hosted.initializationType === "snap-start",
    get extensionsSwitchedOff() {
      return parts.extensionsOff();
    },
    async ask(call: Call, caller: Caller): Promise<Outcome> {
      // DLV-41: what a process wrote before it asks for its next event comes before the records of that moment.
      if (call.call === "runtime next" || call.call === "event next") await sandbox.drainOutput();
      // A runtime that reports a failure ends right after it, and its memory can be read no more.
      if (call.call === "init error") sandbox.memoryPeakBytes();

      return parked.ask(call, caller);
    },
    streamBegins(requestId: string, contentType: string | undefined): void {
      const stream = callers.stream(requestId);
      if (stream === undefined) return;
      stream.contentType = contentType;
      stream.began = true;
    },
    streamChunk: (requestId: string, chunk: Uint8Array) => callers.stream(requestId)?.deliver(chunk),
    newIdentifier: randomUUID,
    subscribe(request: Parameters<TelemetryDelivery["subscribe"]>[0]) {
      const answer = telemetry.subscribe(request);
      if (answer.status >= 400)
        notices.add(
          `PUT ${subscriptionRoutes[request.api]} by ${request.extensionName} was refused: ${answer.status}, ${answer.body.trim()}`,
        );
      return answer;
    },
    refusedUnasked: ({ method, target, extensionName, refusal }) => {
      const who = extensionName === undefined ? "" : ` by ${extensionName}`;
      notices.add(`${method} ${target}${who} was refused: ${refusal.errorType}, ${refusal.errorMessage}`);
    },
    faulted: parts.faulted,
    ...(credentials === undefined ? {} : { containerCredentials: credentials }),
    metadata: { token: randomUUID(), availabilityZoneId: availabilityZoneId(hosted.region) },
  } satisfies EnvironmentPort;
}

/** ENV-60: `us-east-1` gives `use1-az1`. */
function availabilityZoneId(region: string): string {
  const [area = "", ...rest] = region.split("-");
  const number = rest.at(-1) ?? "1";
  const direction = rest.slice(0, -1).join("-");
  const shortened = direction.replace(/north|south|east|west|central/g, (word) => word.charAt(0)).replaceAll("-", "");
  return `${area}${shortened}${number}-az1`;
}
