/** Sends a delivery where its ARN leads: a function here, a service's endpoint, a file, or the outbox (SVC-190, SVC-191). */
import { appendFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  arnParts,
  type DestinationService,
  isDestinationService,
  refusedEntries,
  serviceRequest,
} from "./aws-messages.ts";
import { signedHeaders } from "./aws-signature.ts";
import type { Delivery } from "./delivery.ts";
import { outboxDocument } from "./outbox-document.ts";

export type Sending =
  | { readonly kind: "sent" }
  /** Nobody is configured to take it. */
  | { readonly kind: "kept" }
  | { readonly kind: "refused"; readonly why: string };

export interface SendOptions {
  /** By service (`sqs`, `sns`, `events`, `s3`), or by ARN for a URL or a file of one's own. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Queues an event for the function of that ARN. */
  readonly invokeFunction: (functionArn: string, payload: Uint8Array, requestId: string) => Sending;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export async function sendDelivery(delivery: Delivery, options: SendOptions): Promise<Sending> {
  const { destinationArn, body } = delivery;
  const own = options.endpoints[destinationArn];
  if (own !== undefined) return own.startsWith("file:") ? toFile(own, delivery) : toUrl(own, delivery);
  const { service } = arnParts(destinationArn);
  if (service === "lambda") return options.invokeFunction(destinationArn, body, delivery.id);
  const endpoint = options.endpoints[service];
  if (endpoint === undefined || !isDestinationService(service)) return { kind: "kept" };
  return endpoint.startsWith("file:") ? toFile(endpoint, delivery) : toService(service, endpoint, delivery, options);
}

async function toFile(url: string, delivery: Delivery): Promise<Sending> {
  try {
    await appendFile(fileURLToPath(url), `${JSON.stringify(outboxDocument({ delivery }))}\n`);
    return { kind: "sent" };
  } catch (error) {
    return refused(error);
  }
}

/** The bare record; what a queue would have as attributes are headers. */
function toUrl(url: string, { destinationArn, kind, body, attributes = {} }: Delivery): Promise<Sending> {
  const named = Object.entries(attributes).map(([name, { value }]) => [`x-lambdarium-${name.toLowerCase()}`, value]);
  const headers = {
    "content-type": "application/json",
    "x-lambdarium-destination": destinationArn,
    "x-lambdarium-kind": kind,
    ...(Object.fromEntries(named) as Record<string, string>),
  };
  return send(url, { method: "POST", headers, body }, () => false);
}

function toService(
  service: DestinationService,
  endpoint: string,
  delivery: Delivery,
  { now }: SendOptions,
): Promise<Sending> {
  const request = serviceRequest(service, endpoint, delivery);
  const url = new URL(endpoint.replace(/\/$/u, "") + request.path);
  const region = arnParts(delivery.destinationArn).region || delivery.target.region;
  const headers = signedHeaders({ ...request, url }, { ...credentials(), region, service, now: now() });
  return send(url, { method: request.method, headers, body: request.body }, (answer) =>
    refusedEntries(service, answer),
  );
}

/** Emulators take any key; whoever checks them has given real ones to this process. */
const credentials = (): { accessKeyId: string; secretAccessKey: string } => ({
  accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "LAMBDARIUMPLACEHOLDER",
  secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "lambdarium-placeholder-secret",
});

const patienceMs = 10_000;

async function send(
  url: string | URL,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly body: Uint8Array },
  isRefusal: (answer: string) => boolean,
): Promise<Sending> {
  try {
    const { host: _host, ...headers } = request.headers;
    const body = Buffer.from(request.body);
    const response = await fetch(url, { ...request, headers, body, signal: AbortSignal.timeout(patienceMs) });
    const answer = await response.text();
    if (response.ok && !isRefusal(answer)) return { kind: "sent" };
    return { kind: "refused", why: `${new URL(url).origin} answered ${response.status}: ${answer.slice(0, 500)}` };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): Sending {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return { kind: "refused", why: cause instanceof Error ? cause.message : String(cause) };
}
