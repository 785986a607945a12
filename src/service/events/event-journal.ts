/** Keeps events, deliveries and the outbox over the end of the process, however it ends (SVC-22, SVC-168). */
import { join } from "node:path";
import { mkdirSync } from "node:fs";
import type Database from "libsql";
import type { Delivery, OutboxEntry } from "../destinations/delivery.ts";
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

/** @throws when the file is no database or cannot be written */
export async function openEventJournal(directory: string): Promise<{ journal: EventJournal; kept: KeptEvents }> {
  mkdirSync(directory, { recursive: true });
  const { default: Sqlite } = await import("libsql");
  const database = new Sqlite(join(directory, "events.db"));
  try {
    // A killed process loses nothing of what was committed; only a power cut may take the last moments (SVC-168).
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec(`
      CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, requestId TEXT UNIQUE NOT NULL, payload BLOB NOT NULL, state TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS deliveries (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, delivery TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);`);
    return { journal: journalOf(database), kept: read(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

function journalOf(database: Database.Database): EventJournal {
  const addEvent = database.prepare("INSERT INTO events (requestId, payload, state) VALUES (?, ?, ?)");
  const changeEvent = database.prepare("UPDATE events SET state = ? WHERE requestId = ?");
  const removeEvent = database.prepare("DELETE FROM events WHERE requestId = ?");
  const addDelivery = database.prepare("INSERT INTO deliveries (id, delivery) VALUES (?, ?)");
  const removeDelivery = database.prepare("DELETE FROM deliveries WHERE id = ?");
  const addOutbox = database.prepare("INSERT INTO outbox (entry) VALUES (?)");
  const trimOutbox = database.prepare(
    "DELETE FROM outbox WHERE sequence <= (SELECT max(sequence) FROM outbox) - 10000",
  );
  return {
    addEvent: (event) => void addEvent.run(event.requestId, Buffer.from(event.payload), stateOf(event)),
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
    close: () => void database.close(),
  };
}

/** Everything but the payload, which never changes. */
const stateOf = ({ payload: _payload, ...state }: QueuedEvent): string => toJson(state);

function read(database: Database.Database): KeptEvents {
  const rows = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[];
  const events = rows<{ payload: Uint8Array; state: string }>("SELECT payload, state FROM events ORDER BY sequence");
  const deliveries = rows<{ delivery: string }>("SELECT delivery FROM deliveries ORDER BY sequence");
  const outbox = rows<{ entry: string }>("SELECT entry FROM outbox ORDER BY sequence");
  return {
    events: events.map(({ payload, state }) => ({ ...(fromJson(state) as Omit<QueuedEvent, "payload">), payload })),
    deliveries: deliveries.map(({ delivery }) => fromJson(delivery) as Delivery),
    outbox: outbox.map(({ entry }) => fromJson(entry) as OutboxEntry),
  };
}
