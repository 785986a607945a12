/** What Kafka's error codes mean for a batch, and what the fates of several batches mean for the request they were part of. */
import type { FailedItem, SendResult } from "../destination.ts";

/** The broker's word against a connection or a producer. */
export class KafkaRefusal extends Error {
  readonly code: number;
  /** What is known beside the code. */
  readonly more: string | undefined;

  constructor(code: number, more?: string) {
    super(more === undefined || more === "" ? nameOfCode(code) : `${nameOfCode(code)}: ${more}`);
    this.code = code;
    this.more = more;
  }
}

export type Fate =
  | { readonly fate: "stored" }
  /** Nothing tells whether the batch was stored: it must be sent as it was. */
  | { readonly fate: "again"; readonly reason: string }
  /** As `again`, and what is known of the cluster is out of date. */
  | { readonly fate: "moved"; readonly reason: string }
  /** The broker knows this producer no more: under a new id. */
  | { readonly fate: "forgotten"; readonly reason: string }
  | { readonly fate: "too large"; readonly reason: string }
  | { readonly fate: "refused"; readonly reason: string; readonly at?: readonly number[] }
  | { readonly fate: "closed"; readonly reason: string };

interface Code {
  readonly name: string;
  readonly fate: Exclude<Fate["fate"], "stored" | "again">;
}

/** The protocol's error codes that a producer meets; every other one is tried again. */
const codes: ReadonlyMap<number, Code> = new Map([
  [3, { name: "UNKNOWN_TOPIC_OR_PARTITION", fate: "moved" }],
  [5, { name: "LEADER_NOT_AVAILABLE", fate: "moved" }],
  [6, { name: "NOT_LEADER_OR_FOLLOWER", fate: "moved" }],
  [9, { name: "REPLICA_NOT_AVAILABLE", fate: "moved" }],
  [10, { name: "MESSAGE_TOO_LARGE", fate: "too large" }],
  [17, { name: "INVALID_TOPIC_EXCEPTION", fate: "closed" }],
  [18, { name: "RECORD_LIST_TOO_LARGE", fate: "too large" }],
  [29, { name: "TOPIC_AUTHORIZATION_FAILED", fate: "closed" }],
  [31, { name: "CLUSTER_AUTHORIZATION_FAILED", fate: "closed" }],
  [32, { name: "INVALID_TIMESTAMP", fate: "refused" }],
  [33, { name: "UNSUPPORTED_SASL_MECHANISM", fate: "closed" }],
  [34, { name: "ILLEGAL_SASL_STATE", fate: "closed" }],
  [35, { name: "UNSUPPORTED_VERSION", fate: "closed" }],
  [43, { name: "UNSUPPORTED_FOR_MESSAGE_FORMAT", fate: "closed" }],
  [44, { name: "POLICY_VIOLATION", fate: "refused" }],
  [45, { name: "OUT_OF_ORDER_SEQUENCE_NUMBER", fate: "forgotten" }],
  [47, { name: "INVALID_PRODUCER_EPOCH", fate: "forgotten" }],
  [56, { name: "KAFKA_STORAGE_ERROR", fate: "moved" }],
  [58, { name: "SASL_AUTHENTICATION_FAILED", fate: "closed" }],
  [59, { name: "UNKNOWN_PRODUCER_ID", fate: "forgotten" }],
  [74, { name: "FENCED_LEADER_EPOCH", fate: "moved" }],
  [76, { name: "UNSUPPORTED_COMPRESSION_TYPE", fate: "closed" }],
  [87, { name: "INVALID_RECORD", fate: "refused" }],
  [90, { name: "PRODUCER_FENCED", fate: "forgotten" }],
]);

/** The batch was there already: an answer had been lost. */
const duplicateSequence = 46;

const nameOfCode = (code: number): string => codes.get(code)?.name ?? `Kafka error ${code}`;

export function fateOfCode(code: number, more?: string, at: readonly number[] = []): Fate {
  if (code === 0 || code === duplicateSequence) return { fate: "stored" };
  const reason = new KafkaRefusal(code, more).message;
  const fate = codes.get(code)?.fate ?? "again";
  return fate === "refused" && at.length > 0 ? { fate, reason, at } : { fate, reason };
}

/** A batch of a request: where its items stand in it, and what became of it. */
export interface Outcome {
  readonly places: readonly number[];
  readonly fate: Fate;
}

export function resultOf(outcomes: readonly Outcome[]): SendResult {
  const failed = outcomes.filter(({ fate }) => fate.fate !== "stored");
  const [first] = failed;
  if (first === undefined || first.fate.fate === "stored") return { kind: "delivered" };
  const closed = failed.map(({ fate }) => fate).find(({ fate }) => fate === "closed");
  const { reason } = first.fate;
  const alone = failed.length === outcomes.length;
  if (alone && failed.every(({ fate }) => fate.fate === "too large")) return { kind: "too large" };
  if (alone && closed?.fate === "closed") return { kind: "closed", reason: closed.reason };
  if (alone && failed.every(({ fate }) => fate.fate === "refused" && fate.at === undefined))
    return { kind: "refused", reason };
  if (alone && failed.every(({ fate }) => isPassing(fate))) return { kind: "try later", reason };
  return { kind: "partly", failed: failed.flatMap(failedItems) };
}

const isPassing = ({ fate }: Fate): boolean => fate === "again" || fate === "moved" || fate === "forgotten";

/** A batch is stored whole or not at all: records beside a refused one come again without it. */
function failedItems({ places, fate }: Outcome): FailedItem[] {
  if (fate.fate === "stored") return [];
  const atFault = new Set(fate.fate === "refused" ? fate.at : []);
  return places.map((index, at) => ({ index, reason: fate.reason, retry: !atFault.has(at) }));
}
