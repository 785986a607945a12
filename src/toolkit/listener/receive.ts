/** Takes batches of telemetry from the platform: read, kept, answered, and only then worked on. */
import type http from "node:http";
import type { TelemetryRecord } from "../telemetry-records.ts";

export interface ReceivedBatch {
  readonly records: readonly TelemetryRecord[];
  /** The batch as it came, in case nothing was left out of it. */
  readonly body: Buffer;
  /** The platform's `sequence-id`; empty when there was none. */
  readonly sequenceId: string;
}

export interface Receiver {
  readonly handle: http.RequestListener;
  /** Batches that came again, and bodies that were no array of events. */
  readonly counts: { repeated: number; unreadable: number };
}

/**
 * `keep` must have stored the batch when it returns: the answer is the promise that the platform may forget it. `work`
 * comes after the answer; neither sees what `leaveOut` takes away. Sequence ids of earlier life, found in the spool, are `known`.
 */
export function receiver(
  keep: (batch: ReceivedBatch) => void,
  work: (batch: ReceivedBatch) => void,
  known: Iterable<string> = [],
  leaveOut: (batch: ReceivedBatch) => ReceivedBatch = (batch) => batch,
): Receiver {
  const counts = { repeated: 0, unreadable: 0 };
  const seen = new Set(known);
  const take = (body: Buffer, sequenceId: string): ReceivedBatch | undefined => {
    // A batch whose answer was lost comes again with the id of the first attempt (DLV-12).
    if (sequenceId !== "" && seen.has(sequenceId)) {
      counts.repeated += 1;
      return undefined;
    }
    const records = recordsIn(body);
    if (records === undefined) {
      counts.unreadable += 1;
      return undefined;
    }
    const batch = leaveOut({ records, body, sequenceId });
    keep(batch);
    remember(seen, sequenceId);
    return batch;
  };
  const handle: http.RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => undefined);
    request.on("end", () => {
      const sequenceId = request.headers["sequence-id"];
      const batch = take(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), String(sequenceId ?? ""));
      // 200 whatever came: a refused batch would be sent again without end, and hold up all that follow (DLV-31).
      response.writeHead(200, { "Content-Length": "0" }).end();
      if (batch !== undefined) work(batch);
    });
  };
  return { handle, counts };
}

/** The platform sends one batch at a time: what comes again is one of the last. */
const rememberedIds = 32;

function remember(seen: Set<string>, sequenceId: string): void {
  if (sequenceId === "") return;
  seen.add(sequenceId);
  for (const oldest of seen) {
    if (seen.size <= rememberedIds) return;
    seen.delete(oldest);
  }
}

function recordsIn(body: Buffer): readonly TelemetryRecord[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return Array.isArray(parsed) && parsed.every(isEvent) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isEvent = (value: unknown): value is TelemetryRecord =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
