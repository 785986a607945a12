/** Log groups and log streams: made, described, removed. All of it runs beside the database. */
import type { StoreDatabase } from "../store/database.ts";

export interface GroupRow {
  readonly id: number;
  readonly region: string;
  readonly account_id: string;
  readonly name: string;
  readonly created_at: number;
  readonly retention_days: number | null;
  readonly tags: string;
  readonly stored_bytes: number;
}

export interface StreamRow {
  readonly id: number;
  readonly group_id: number;
  readonly name: string;
  readonly created_at: number;
  readonly first_event: number | null;
  readonly last_event: number | null;
  readonly last_ingestion: number | null;
}

export interface GroupKey {
  readonly region: string;
  readonly logGroup: string;
}

export interface StreamKey extends GroupKey {
  readonly logStream: string;
}

export const findGroup = (database: StoreDatabase, { region, logGroup }: GroupKey): GroupRow | undefined =>
  database.first("SELECT * FROM log_groups WHERE region = ? AND name = ?", region, logGroup);

export const findStream = (database: StoreDatabase, groupId: number, name: string): StreamRow | undefined =>
  database.first("SELECT * FROM log_streams WHERE group_id = ? AND name = ?", groupId, name);

/** Nothing when it is there already. */
export function createGroup(
  database: StoreDatabase,
  { region, logGroup, accountId, now, tags }: GroupKey & { accountId: string; now: number; tags: string },
): "created" | "exists" {
  const { changes } = database.run(
    "INSERT OR IGNORE INTO log_groups (region, account_id, name, created_at, tags) VALUES (?, ?, ?, ?, ?)",
    region,
    accountId,
    logGroup,
    now,
    tags,
  );
  return changes > 0 ? "created" : "exists";
}

export function createStream(
  database: StoreDatabase,
  { now, ...key }: StreamKey & { now: number },
): "created" | "exists" | "no group" {
  const group = findGroup(database, key);
  if (group === undefined) return "no group";
  const { changes } = database.run(
    "INSERT OR IGNORE INTO log_streams (group_id, name, created_at) VALUES (?, ?, ?)",
    group.id,
    key.logStream,
    now,
  );
  return changes > 0 ? "created" : "exists";
}

/** The events of a removed group or stream are left to `tidy`: there may be millions. */
export function deleteGroup(database: StoreDatabase, key: GroupKey): boolean {
  const group = findGroup(database, key);
  if (group === undefined) return false;
  database.run("INSERT INTO removed_streams SELECT id FROM log_streams WHERE group_id = ?", group.id);
  database.run("DELETE FROM log_streams WHERE group_id = ?", group.id);
  database.run("DELETE FROM log_groups WHERE id = ?", group.id);
  return true;
}

export function deleteStream(database: StoreDatabase, key: StreamKey): "deleted" | "no group" | "no stream" {
  const group = findGroup(database, key);
  if (group === undefined) return "no group";
  const stream = findStream(database, group.id, key.logStream);
  if (stream === undefined) return "no stream";
  database.run("INSERT INTO removed_streams VALUES (?)", stream.id);
  database.run("DELETE FROM log_streams WHERE id = ?", stream.id);
  return "deleted";
}

/** False when there is no such group; `days` null keeps events for ever. */
export const setRetention = (database: StoreDatabase, { days, ...key }: GroupKey & { days: number | null }): boolean =>
  database.run("UPDATE log_groups SET retention_days = ? WHERE region = ? AND name = ?", days, key.region, key.logGroup)
    .changes > 0;

/** False when there is no such group. `tags` is a JSON object. */
export const setTags = (database: StoreDatabase, { tags, ...key }: GroupKey & { tags: string }): boolean =>
  database.run("UPDATE log_groups SET tags = ? WHERE region = ? AND name = ?", tags, key.region, key.logGroup).changes >
  0;

export const group = (database: StoreDatabase, key: GroupKey): GroupRow | null => findGroup(database, key) ?? null;

/** Of every region: for whoever looks at the store as a whole. */
export const everyGroup = (database: StoreDatabase): readonly GroupRow[] =>
  database.all("SELECT * FROM log_groups ORDER BY region, name");

export interface GroupsQuery {
  readonly region: string;
  readonly prefix: string;
  /** Found anywhere in the name. */
  readonly part: string;
  /** The only ones that are wanted. */
  readonly names?: readonly string[];
  /** Names after this one. */
  readonly after: string;
  readonly limit: number;
}

export const groups = (database: StoreDatabase, query: GroupsQuery): readonly GroupRow[] =>
  database.all(
    `SELECT * FROM log_groups WHERE region = ? AND name > ? AND substr(name, 1, length(?3)) = ?3
       AND instr(name, ?4) > 0 AND (?5 IS NULL OR name IN (SELECT value FROM json_each(?5))) ORDER BY name LIMIT ?6`,
    query.region,
    query.after,
    query.prefix,
    query.part,
    query.names === undefined ? null : JSON.stringify(query.names),
    query.limit,
  );

export interface StreamsQuery extends GroupKey {
  readonly prefix: string;
  readonly orderBy: "LogStreamName" | "LastEventTime";
  readonly descending: boolean;
  /** Rows to pass over. */
  readonly offset: number;
  readonly limit: number;
}

/** Null when there is no such group. */
export function streams(database: StoreDatabase, query: StreamsQuery): readonly StreamRow[] | null {
  const found = findGroup(database, query);
  if (found === undefined) return null;
  const direction = query.descending ? "DESC" : "ASC";
  const order = query.orderBy === "LogStreamName" ? "name" : "ifnull(last_event, created_at)";
  return database.all(
    `SELECT * FROM log_streams WHERE group_id = ?1 AND substr(name, 1, length(?2)) = ?2
       ORDER BY ${order} ${direction}, name ${direction} LIMIT ?3 OFFSET ?4`,
    found.id,
    query.prefix,
    query.limit,
    query.offset,
  );
}
