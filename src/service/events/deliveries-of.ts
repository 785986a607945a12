/** Who is told of the end of an event: destinations and dead-letter target, each on its own (SVC-186, SVC-187, SVC-193). */
import { randomUUID } from "node:crypto";
import type { EventInvokeSettings } from "../directory.ts";
import type { Delivery } from "../destinations/delivery.ts";
import { deadLetterAttributes, destinationRecord } from "../destinations/destination-record.ts";
import type { EventEnd, QueuedEvent } from "./queued-event.ts";

export interface EndFacts {
  readonly settings: EventInvokeSettings;
  readonly accountId: string;
  /** Of the version that ran, or would run now. */
  readonly deadLetterTargetArn: string | undefined;
  readonly now: number;
}

export function deliveriesOf(event: QueuedEvent, end: EventEnd, facts: EndFacts): readonly Delivery[] {
  const { settings, deadLetterTargetArn, now } = facts;
  const { region, name, qualifier = "$LATEST" } = event.target;
  const functionArn = `arn:aws:lambda:${region}:${facts.accountId}:function:${name}:${qualifier}`;
  const succeeded = end.condition === "Success";
  const common = { target: event.target, functionArn, requestId: event.requestId, succeeded, createdAt: now };
  const deliveries: Delivery[] = [];
  const destinationArn = succeeded ? settings.onSuccessArn : settings.onFailureArn;
  if (destinationArn !== undefined) {
    const body = Buffer.from(destinationRecord(event, end, functionArn, now));
    deliveries.push({ id: randomUUID(), ...common, destinationArn, kind: "destination", body });
  }
  if (!succeeded && deadLetterTargetArn !== undefined) {
    const attributes = deadLetterAttributes(event, end);
    const to = { destinationArn: deadLetterTargetArn, kind: "dlq" as const };
    deliveries.push({ id: randomUUID(), ...common, ...to, body: event.payload, attributes });
  }
  return deliveries;
}
