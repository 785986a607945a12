/** What became of the records of each subscription. */
import type { DeliveryAttempt } from "../host/batch-log.ts";
import type { RunningEnvironment } from "../host/running-environment.ts";

interface Amount {
  readonly events: number;
  readonly bytes: number;
}

/** At any moment produced = delivered + dropped + queued (DLV-55). */
export interface SubscriptionView {
  readonly extensionName: string;
  readonly api: "telemetry" | "logs";
  readonly schemaVersion: string;
  readonly types: readonly string[];
  /** `http://sandbox.localdomain:4243/path` or `tcp://sandbox.localdomain:4243`. */
  readonly destination: string;
  readonly produced: Amount;
  readonly delivered: Amount;
  readonly dropped: Amount;
  /** Neither delivered nor dropped, the batch in flight included. */
  readonly queued: Amount;
  readonly inFlight: Amount;
  /** Attempts after the first, of all batches. */
  readonly retried: number;
  /** Every attempt to deliver, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
}

export function subscriptionViews(running: RunningEnvironment): readonly SubscriptionView[] {
  return running.subscriptions.map(({ id, extensionName, api, subscription, destination, counters }) => ({
    extensionName,
    api,
    schemaVersion: subscription.schemaVersion,
    types: subscription.types,
    destination: destination.protocol === "HTTP" ? destination.uri : `tcp://sandbox.localdomain:${destination.port}`,
    produced: counters.produced,
    delivered: counters.acknowledged,
    dropped: counters.dropped,
    queued: counters.queued,
    inFlight: counters.inFlight,
    retried: counters.retries,
    attempts: running.parts.batches.kept.filter(({ subscription: of }) => of === id),
  }));
}
