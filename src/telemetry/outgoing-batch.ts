/** The bytes of a batch, in the form its destination takes (DLV-09, DLV-14). */
import type { OutgoingBatch } from "./delivery-effects.ts";
import type { ProjectedEvent } from "./recorded-event.ts";
import { sequenceIdOf, type RunningSha256 } from "./sequence-id.ts";
import type { Destination } from "./subscription.ts";

/** @param eventBytes sum of the sizes of `events` */
export function composeBatch(
  destination: Destination,
  events: readonly ProjectedEvent[],
  eventBytes: number,
  hash: RunningSha256,
): OutgoingBatch {
  hash.update(events.map(({ raw }) => raw).join(""));
  const texts = events.map(({ text }) => text);
  const http = destination.protocol === "HTTP";
  return {
    destination,
    body: http ? `[${texts.join(",")}]` : `${texts.join("\n")}\n`,
    // Brackets and the commas between, or a line feed for each.
    bodyBytes: eventBytes + events.length + (http ? 1 : 0),
    sequenceId: sequenceIdOf(hash),
    events: events.length,
  };
}
