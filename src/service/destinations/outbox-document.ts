/** An entry of the outbox as it is shown (SVC-191, SVC-195). */
import type { OutboxEntry } from "./delivery.ts";

export function outboxDocument({ delivery, error }: OutboxEntry): Record<string, unknown> {
  const { destinationArn, kind, body, attributes } = delivery;
  const named = Object.entries(attributes ?? {}).map(([name, { value }]) => [name, value]);
  return {
    destination: destinationArn,
    kind,
    record: recordOf(body),
    ...(attributes === undefined ? {} : { attributes: Object.fromEntries(named) as unknown }),
    ...(error === undefined ? {} : { error }),
  };
}

function recordOf(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
