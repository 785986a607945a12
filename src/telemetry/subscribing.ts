/** Judges the body of a subscription request: a new subscription, a repeated one, or AWS's refusal (TEL-46 to TEL-68). */
import { maxSubscriptionBytes, type SubscriptionApi } from "../protocol/subscription-api.ts";
import {
  alreadySubscribedAnswer,
  bodyTooLarge,
  hostRefused,
  invalidSubscription,
  otherApiTaken,
  portReserved,
  schemeRefused,
  singleEventRefused,
  subscribedAnswer,
  tooManySubscriptions,
  unreadableBody,
  wrongVersionFamily,
  type SubscriptionAnswer,
} from "../protocol/telemetry-answers.ts";
import {
  bufferingLimits,
  destinationHosts,
  logsVersions,
  maxSubscriptions,
  reservedPort,
  telemetryTypes,
  telemetryVersions,
  type SchemaVersion,
} from "../protocol/telemetry-api.ts";
import type { TelemetryType } from "../protocol/telemetry-records.ts";
import type { RawDestination } from "./destination-body.ts";
import { readDestinationUri, type DestinationUri } from "./destination-uri.ts";
import { readSubscriptionBody, type RawBuffering, type SubscriptionBody } from "./subscription-body.ts";
import { sameSubscription, type Buffering, type Destination, type Subscription } from "./subscription.ts";

/**
 * A request that the environment let through: header, identifier and window (TEL-41 to TEL-44) are judged there, the
 * body here (TEL-64).
 */
export interface SubscriptionRequest {
  readonly api: SubscriptionApi;
  readonly extensionName: string;
  readonly body: Uint8Array;
}

export type SubscriptionJudgement =
  | { readonly kind: "refused"; readonly answer: SubscriptionAnswer }
  | {
      readonly kind: "subscribed" | "already subscribed";
      readonly answer: SubscriptionAnswer;
      /** As requested now: a repetition may list its types in another order (EVT-70). */
      readonly subscription: Subscription;
    };

export function judgeSubscription(
  request: SubscriptionRequest,
  existing: readonly Subscription[],
): SubscriptionJudgement {
  const { api, extensionName } = request;
  const refused = (answer: SubscriptionAnswer): SubscriptionJudgement => ({ kind: "refused", answer });
  if (request.body.length > maxSubscriptionBytes) return refused(bodyTooLarge(api));
  const reading = readSubscriptionBody(request.body);
  if (reading.kind === "unreadable") return refused(unreadableBody(api, reading.message));
  const wanted = judgeBody(api, reading.body);
  if ("status" in wanted) return refused(wanted);
  if (existing.some((other) => other.extensionName === extensionName && other.api !== api)) {
    return refused(otherApiTaken(api, extensionName));
  }
  const subscription: Subscription = { extensionName, api, ...wanted };
  if (existing.some((other) => sameSubscription(other, subscription))) {
    return { kind: "already subscribed", answer: alreadySubscribedAnswer, subscription };
  }
  if (existing.length >= maxSubscriptions) return refused(tooManySubscriptions(api));
  return { kind: "subscribed", answer: subscribedAnswer, subscription };
}

type Wanted = Omit<Subscription, "extensionName" | "api">;

/** In the order of TEL-64. */
function judgeBody(api: SubscriptionApi, body: SubscriptionBody): Wanted | SubscriptionAnswer {
  const schemaVersion = body.schemaVersion ?? (api === "logs" ? "2020-08-15" : undefined);
  if (schemaVersion === undefined || !isOfFamily(api, schemaVersion)) return wrongVersionFamily(api);
  if (!body.types.every(isTelemetryType)) return singleEventRefused(api);
  const buffering = withDefaults(body.buffering);
  const uri = body.destination?.protocol === "HTTP" ? readDestinationUri(body.destination.uri) : undefined;
  const problems = [...destinationProblems(body.destination, uri), ...otherProblems(body.types, buffering)];
  const destination = problems.length === 0 ? complete(body.destination, uri) : undefined;
  if (destination === undefined) return invalidSubscription(api, problems);
  if (destination.port === reservedPort) return portReserved(api, reservedPort);
  if (uri !== undefined && uri.scheme !== "http") return schemeRefused(api);
  if (uri !== undefined && !destinationHosts.includes(uri.host)) return hostRefused(api);
  return { schemaVersion, types: [...new Set(body.types)], destination, buffering };
}

const isOfFamily = (api: SubscriptionApi, version: SchemaVersion): boolean =>
  (api === "telemetry" ? telemetryVersions : logsVersions).some((known) => known === version);

const isTelemetryType = (type: string): type is TelemetryType => telemetryTypes.some((known) => known === type);

const withDefaults = ({ timeoutMs, maxBytes, maxItems }: RawBuffering): Buffering => ({
  timeoutMs: timeoutMs ?? bufferingLimits.timeoutMs.standard,
  maxBytes: maxBytes ?? bufferingLimits.maxBytes.standard,
  maxItems: maxItems ?? bufferingLimits.maxItems.standard,
});

function destinationProblems(
  destination: RawDestination | undefined,
  uri: DestinationUri | undefined,
): readonly string[] {
  if (destination === undefined) return ["destination is not provided"];
  if (destination.protocol === "TCP") return destination.port === 0 ? ["port is not provided"] : [];
  if (uri === undefined) return ["URI is invalid"];
  return uri.port === undefined ? ["URI port is not provided"] : [];
}

function otherProblems(types: readonly TelemetryType[], buffering: Buffering): readonly string[] {
  const problems = types.length === 0 ? ["types should not be empty"] : [];
  for (const name of ["timeoutMs", "maxBytes", "maxItems"] as const) {
    const { least, most } = bufferingLimits[name];
    if (buffering[name] < least || buffering[name] > most) {
      problems.push(`${name} should be between ${least} and ${most}`);
    }
  }
  return problems;
}

function complete(raw: RawDestination | undefined, uri: DestinationUri | undefined): Destination | undefined {
  if (raw?.protocol === "TCP") return raw;
  if (raw === undefined || uri?.port === undefined) return undefined;
  return { protocol: "HTTP", uri: raw.uri, port: uri.port, target: uri.target, method: raw.method };
}
