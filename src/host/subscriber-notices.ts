/** What the developer is told about subscribers: who gets nothing and why, who clashes, who listens to itself. */
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { SubscriptionId } from "../telemetry/delivery-effects.ts";
import type { SubscriptionStatus } from "../telemetry/telemetry-hub.ts";
import { type AddressInUse, addressInUse } from "./address-in-use.ts";
import type { Notices } from "./notices.ts";

/** As many batches in a row, without a freeze between, in which a subscriber's own lines outnumber everything else. */
const batchesOfFeedback = 10;

interface Watched {
  /** Reasons already told since the last success. */
  readonly told: Set<string>;
  ownLines: number;
  otherRecords: number;
  ownBatches: number;
  feedbackTold: boolean;
}

export class SubscriberNotices {
  readonly #notices: Notices;
  readonly #watched = new Map<SubscriptionId, Watched>();
  #subscriptions: readonly SubscriptionStatus[] = [];
  #listenersExpected = true;
  /** Extensions that could not listen, until it is known who was there before them. */
  readonly #couldNotListen = new Map<string, AddressInUse>();
  readonly #namedWithRival = new Set<string>();

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Two extensions cannot listen on one port: whichever has it receives what was meant for both. */
  subscribed(subscriptions: readonly SubscriptionStatus[]): void {
    const newest = subscriptions.at(-1);
    if (newest === undefined || subscriptions.length === this.#subscriptions.length) return;
    this.#subscriptions = subscriptions;
    this.#nameWhoListens();
    const { port } = newest.destination;
    const rival = subscriptions.find(
      ({ extensionName, destination }) => extensionName !== newest.extensionName && destination.port === port,
    );
    if (rival === undefined) return;
    this.#notices.add(
      `The extensions ${rival.extensionName} and ${newest.extensionName} both want their telemetry on port ${port}: ` +
        "only one of them can listen there, and it gets the telemetry of both.",
    );
  }

  /** From SHUTDOWN until the next generation is initialized nobody need listen, and what fails then is no news. */
  expectListeners(expected: boolean): void {
    this.#listenersExpected = expected;
  }

  /** The first failure of each kind is told, not each retry. */
  failed(subscription: SubscriptionId, why: string): void {
    const watched = this.#watch(subscription);
    if (!this.#listenersExpected || watched.told.has(why)) return;
    watched.told.add(why);
    const name = this.#subscriptions.find(({ id }) => id === subscription)?.extensionName;
    this.#notices.add(`Telemetry for the extension ${name} waits: ${why}`);
  }

  acknowledged(subscription: SubscriptionId): void {
    const watched = this.#watch(subscription);
    watched.told.clear();
    watched.ownBatches = watched.ownLines > watched.otherRecords ? watched.ownBatches + 1 : 0;
    watched.ownLines = 0;
    watched.otherRecords = 0;
    if (watched.ownBatches < batchesOfFeedback || watched.feedbackTold) return;
    watched.feedbackTold = true;
    const name = this.#subscriptions.find(({ id }) => id === subscription)?.extensionName;
    this.#notices.add(
      `The extension ${name} receives little but its own output: does it write a line for each batch it receives? ` +
        "Each line is telemetry again, and that never ends.",
    );
  }

  /** Every record that is accepted, for the extensions that subscribe to their own lines. */
  accepted(record: TelemetryRecord): void {
    const failed = addressInUse(record);
    if (failed !== undefined) {
      this.#couldNotListen.set(failed.extensionName, failed);
      this.#nameWhoListens();
    }
    for (const { id, extensionName, subscription } of this.#subscriptions) {
      if (!subscription.types.includes("extension")) continue;
      const watched = this.#watch(id);
      if (record.type === "extension" && record.extensionName === extensionName) watched.ownLines++;
      else watched.otherRecords++;
    }
  }

  /** Feedback does not pause; what goes on from one invocation to the next is something else. */
  frozen(): void {
    for (const watched of this.#watched.values()) watched.ownBatches = 0;
  }

  #nameWhoListens(): void {
    for (const { extensionName: name, ports } of this.#couldNotListen.values()) {
      const rival = this.#subscriptions.find(
        ({ extensionName, destination: { port } }) =>
          extensionName !== name && (ports.length === 0 || ports.includes(port)),
      );
      if (rival === undefined || this.#namedWithRival.has(name)) continue;
      this.#namedWithRival.add(name);
      this.#notices.add(
        `The extension ${name} could not listen, its address is in use: ` +
          `the extension ${rival.extensionName} receives telemetry on port ${rival.destination.port}.`,
      );
    }
  }

  #watch(subscription: SubscriptionId): Watched {
    let watched = this.#watched.get(subscription);
    if (watched === undefined) {
      watched = { told: new Set(), ownLines: 0, otherRecords: 0, ownBatches: 0, feedbackTold: false };
      this.#watched.set(subscription, watched);
    }
    return watched;
  }
}
