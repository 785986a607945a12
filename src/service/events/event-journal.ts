/** Keeps events, deliveries and the outbox over the end of the process, however it ends (SVC-22, SVC-168). */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type Database from "libsql";
import { failure } from "../../errors.ts";
import type { Delivery, OutboxEntry } from "../destinations/delivery.ts";
import { closeDatabase } from "../state/close-database.ts";
import type { QueuedEvent } from "./queued-event.ts";
import { fromJson, toJson } from "./bytes-in-json.ts";

/** Each call is on disk when it returns. */
export interface EventJournal {
  readonly addEvent: (event: QueuedEvent) => void;
  readonly changeEvent: (event: QueuedEvent) => void;
  /** The event is over and its deliveries are due: both or neither. */
  readonly endEvent: (requestId: string, deliveries: readonly Delivery[]) => void;
  /** A delivery is done, or given up for the outbox: both or neither. */
  readonly endDelivery: (id: string, outbox: OutboxEntry | undefined) => void;
  readonly close: () => void;
}

export interface KeptEvents {
  /** In order of acceptance. */
  readonly events: readonly QueuedEvent[];
  readonly deliveries: readonly Delivery[];
  readonly outbox: readonly OutboxEntry[];
}

const nothing = (): void => {};

/** For a service whose state ends with the process. */
export const noJournal: EventJournal = {
  addEvent: nothing,
  changeEvent: nothing,
  endEvent: nothing,
  endDelivery: nothing,
  close: nothing,
};

/** @throws LambdariumError `data-directory-failed`, `disk-full` */
export async function openEventJournal(directory: string): Promise<{ journal: EventJournal; kept: KeptEvents }> {
  const { default: Sqlite } = await import("libsql");
  let database: Database.Database | undefined;
  try {
    await mkdir(directory, { recursive: true });
    database = new Sqlite(join(directory, "events.db"));
    database.exec("PRAGMA journal_mode = WAL");
    // A killed process loses nothing of what was committed; only a power cut may take the last moments (SVC-168).
    database.exec("PRAGMA synchronous = NORMAL");
    for (const [table, columns] of tables)
      database.exec(`CREATE TABLE IF NOT EXISTS ${table} (sequence INTEGER PRIMARY KEY AUTOINCREMENT, ${columns})`);
    return { journal: journalOf(database), kept: read(database) };
  } catch (error) {
    database?.close();
    throw openFailure(directory, error);
  }
}

const tables = [
  ["events", "requestId TEXT UNIQUE NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL"],
  ["deliveries", "id TEXT UNIQUE NOT NULL, delivery TEXT NOT NULL"],
  ["outbox", "entry TEXT NOT NULL"],
] as const;

function openFailure(directory: string, error: unknown): Error {
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOSPC" || code === "SQLITE_FULL") return failure("disk-full", { path: directory }, error);
  const why = /locked|busy/iu.test(message) ? "another Lambdarium uses it" : `events.db: ${message}`;
  return failure("data-directory-failed", { path: directory, why }, error);
}

function journalOf(database: Database.Database): EventJournal {
  const addEvent = database.prepare("INSERT OR IGNORE INTO events (requestId, payload, state) VALUES (?, ?, ?)");
  const changeEvent = database.prepare("UPDATE events SET state = ? WHERE requestId = ?");
  const removeEvent = database.prepare("DELETE FROM events WHERE requestId = ?");
  const addDelivery = database.prepare("INSERT INTO deliveries (id, delivery) VALUES (?, ?)");
  const removeDelivery = database.prepare("DELETE FROM deliveries WHERE id = ?");
  const addOutbox = database.prepare("INSERT INTO outbox (entry) VALUES (?)");
  const trimOutbox = database.prepare(
    "DELETE FROM outbox WHERE sequence <= (SELECT max(sequence) FROM outbox) - 10000",
  );
  return {
    // As text, which every event is (SVC-130): libsql 0.5 has aborted the process over BLOBs.
    addEvent: (event) =>
      void addEvent.run(event.requestId, Buffer.from(event.payload).toString("utf8"), stateOf(event)),
    changeEvent: (event) => void changeEvent.run(stateOf(event), event.requestId),
    endEvent: database.transaction((requestId: string, deliveries: readonly Delivery[]) => {
      removeEvent.run(requestId);
      for (const delivery of deliveries) addDelivery.run(delivery.id, toJson(delivery));
    }),
    endDelivery: database.transaction((id: string, outbox: OutboxEntry | undefined) => {
      removeDelivery.run(id);
      if (outbox === undefined) return;
      addOutbox.run(toJson(outbox));
      trimOutbox.run();
    }),
    close: () => closeDatabase(database),
  };
}

/** Everything but the payload, which never changes. */
const stateOf = ({ payload: _payload, ...state }: QueuedEvent): string => toJson(state);

function read(database: Database.Database): KeptEvents {
  const rows = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[];
  const events = rows<{ payload: string; state: string }>("SELECT payload, state FROM events ORDER BY sequence");
  const deliveries = rows<{ delivery: string }>("SELECT delivery FROM deliveries ORDER BY sequence");
  const outbox = rows<{ entry: string }>("SELECT entry FROM outbox ORDER BY sequence");
  return {
    events: events.map(({ payload, state }) => ({
      ...(fromJson(state) as Omit<QueuedEvent, "payload">),
      payload: Buffer.from(payload),
    })),
    deliveries: deliveries.map(({ delivery }) => fromJson(delivery) as Delivery),
    outbox: outbox.map(({ entry }) => fromJson(entry) as OutboxEntry),
  };
}
