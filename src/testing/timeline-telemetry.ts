/** Subscriptions, deliveries and notices on the timeline. */
import type { DeliveryAttempt } from "../host/batch-log.ts";
import type { Notice } from "../host/notices.ts";
import type { RecordSequence } from "../host/records.ts";
import type { RunningEnvironment } from "../host/running-environment.ts";
import type { DatedEntry } from "./timeline.ts";

type Subscriptions = RunningEnvironment["subscriptions"];

const apiOf = { "platform.telemetrySubscription": "telemetry", "platform.logsSubscription": "logs" } as const;

export function subscriptionEntries(records: RecordSequence, subscriptions: Subscriptions): DatedEntry[] {
  const entries: DatedEntry[] = [];
  const told = new Map<string, number>();
  for (const record of records) {
    if (record.type === "platform.logsDropped") {
      const what = `${count(record.droppedRecords, "telemetry record")} dropped: ${record.reason}`;
      entries.push({ at: record.time, kind: "problem", who: "platform", what });
    }
    if (record.type !== "platform.telemetrySubscription" && record.type !== "platform.logsSubscription") continue;
    const api = apiOf[record.type];
    const types = record.types.join(", ");
    const key = `${api} ${record.name}`;
    const number = told.get(key) ?? 0;
    if (record.state === "Subscribed") told.set(key, number + 1);
    const same = subscriptions.filter((one) => one.api === api && one.extensionName === record.name);
    const made = record.state === "Subscribed" ? same[number] : undefined;
    const where = made === undefined ? "" : ` to ${destinationOf(made)} (schema ${made.subscription.schemaVersion})`;
    const what = `${record.state === "Subscribed" ? "subscribes" : "subscribes again"}: ${types}${where}`;
    entries.push({ at: record.time, kind: "delivery", who: record.name, what });
  }
  return entries;
}

/** `attempt` counts all of a subscription; what a reader wants to know is whether this batch was sent before. */
export function deliveryEntries(attempts: readonly DeliveryAttempt[], subscriptions: Subscriptions): DatedEntry[] {
  const names = new Map(subscriptions.map(({ id, extensionName }) => [id, extensionName]));
  const failed = new Map<DeliveryAttempt["subscription"], number>();
  return attempts.map(({ subscription, sentAt, endedAt, events, bytes, result }) => {
    const before = failed.get(subscription) ?? 0;
    failed.set(subscription, result.kind === "failed" ? before + 1 : 0);
    const batch = `gets ${count(events, "record")}, ${count(bytes, "byte")}${before === 0 ? "" : `, attempt ${before + 1}`}`;
    const after = `after ${(endedAt - sentAt).toFixed(1)} ms`;
    const who = names.get(subscription) ?? "an extension";
    if (result.kind === "failed")
      return { at: sentAt, kind: "problem", who, what: `${batch}: failed ${after}, ${result.why}` };
    const answer = result.status === undefined ? "taken" : `answers ${result.status}`;
    return { at: sentAt, kind: "delivery", who, what: `${batch}: ${answer} ${after}` };
  });
}

/** What was said before the first event is no part of the environment's life. */
export const noticeEntries = (notices: readonly Notice[], since: number): DatedEntry[] =>
  notices.flatMap(({ at, text }) => (at < since ? [] : [{ at, kind: "notice", who: "lambdarium", what: text }]));

const destinationOf = ({ destination }: Subscriptions[number]): string =>
  destination.protocol === "HTTP" ? destination.uri : `tcp://sandbox.localdomain:${destination.port}`;

const count = (number: number, what: string): string =>
  `${number.toLocaleString("en-US")} ${what}${number === 1 ? "" : "s"}`;
