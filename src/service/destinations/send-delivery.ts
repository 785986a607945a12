/** Sends a delivery where its ARN leads: a function here, a service's endpoint, a file, or the outbox (SVC-190, SVC-191). */
import { appendFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { arnParts } from "./arn-parts.ts";
import type { SendToService } from "./aws-services.ts";
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
  readonly awsService: (service: string) => SendToService | undefined;
}

export async function sendDelivery(delivery: Delivery, options: SendOptions): Promise<Sending> {
  const { destinationArn, body } = delivery;
  const own = options.endpoints[destinationArn];
  if (own !== undefined) return own.startsWith("file:") ? toFile(own, delivery) : toUrl(own, delivery);
  const { service } = arnParts(destinationArn);
  if (service === "lambda") return options.invokeFunction(destinationArn, body, delivery.id);
  const endpoint = options.endpoints[service];
  if (endpoint?.startsWith("file:") === true) return toFile(endpoint, delivery);
  const send = options.awsService(service);
  return send === undefined ? { kind: "kept" } : toService(send, delivery);
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
async function toUrl(url: string, { destinationArn, kind, body, attributes = {} }: Delivery): Promise<Sending> {
  const named = Object.entries(attributes).map(([name, { value }]) => [`x-lambdarium-${name.toLowerCase()}`, value]);
  const headers = {
    "content-type": "application/json",
    "x-lambdarium-destination": destinationArn,
    "x-lambdarium-kind": kind,
    ...(Object.fromEntries(named) as Record<string, string>),
  };
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(url, { method: "POST", headers, body: Buffer.from(body), signal });
    const answer = await response.text();
    if (response.ok) return { kind: "sent" };
    return { kind: "refused", why: `${new URL(url).origin} answered ${response.status}: ${answer.slice(0, 500)}` };
  } catch (error) {
    return refused(error);
  }
}

async function toService(send: SendToService, delivery: Delivery): Promise<Sending> {
  try {
    await send(delivery);
    return { kind: "sent" };
  } catch (error) {
    return refused(error);
  }
}

const patienceMs = 10_000;

/** Of AWS's clients, the status too: what is no answer of AWS's they call an error of their own. */
function refused(error: unknown): Sending {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { $metadata, $response } = error as Partial<Record<"$metadata" | "$response", Answered>>;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return { kind: "refused", why: status === undefined ? why : `answered ${status}: ${why}` };
}

interface Answered {
  readonly httpStatusCode?: number;
  readonly statusCode?: number;
}
