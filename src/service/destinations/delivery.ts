/** What is to be sent to a destination or a dead-letter target when an event is over. */
import type { FunctionTarget } from "../directory.ts";
import type { MessageAttributes } from "./destination-record.ts";

export interface Delivery {
  readonly id: string;
  readonly target: FunctionTarget;
  /** ARN of the function, qualified as requested. */
  readonly functionArn: string;
  readonly requestId: string;
  /** Where it goes. */
  readonly destinationArn: string;
  readonly kind: "destination" | "dlq";
  readonly succeeded: boolean;
  /** A record's JSON, or the bytes of the event. */
  readonly body: Uint8Array;
  /** Of dead letters only. */
  readonly attributes?: MessageAttributes;
  readonly createdAt: number;
}

/** What could not be sent on, or was to be sent nowhere (SVC-191, SVC-195). */
export interface OutboxEntry {
  readonly delivery: Delivery;
  readonly error?: string;
}
