/** Sends records of one topic: each to its partition, at that partition's leader, known by its number. */
import type { Cluster } from "./cluster.ts";
import { type Fate, fateOfCode, KafkaRefusal, type Outcome } from "./fates.ts";
import { reasonOf } from "../../extension-error.ts";
import { partitionOf } from "./murmur2.ts";
import { type BatchIdentity, type EncodedRecord, recordBatch } from "./record-batch.ts";
import { type Metadata, type ProducedPartition, producerIdRequest, produceRequest } from "./requests.ts";
import { Sequences } from "./sequences.ts";

/** A record with the hash that decides its partition. */
export interface KeyedRecord extends EncodedRecord {
  readonly hash: number;
}

export interface ProducerSettings {
  readonly compression: "gzip" | "none";
  /** Whether brokers are to leave out what comes again. */
  readonly idempotent: boolean;
}

/** The records of one partition, and where they stand in the request. */
interface Group {
  readonly partition: number;
  readonly leader: number;
  readonly places: number[];
  readonly records: KeyedRecord[];
}

/** How long a leader waits for its followers; the delivery's own limit for the whole is not longer by default. */
const replicasMs = 4500;

export class Producer {
  readonly #cluster: Cluster;
  readonly #settings: ProducerSettings;
  #sequences: Sequences | undefined;
  /** The broker wants nothing more until then: a quota is used up. */
  quietUntilMs = 0;

  constructor(cluster: Cluster, settings: ProducerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
  }

  /** @throws KafkaRefusal, or that no broker could be reached. */
  async produce(topic: string, records: readonly KeyedRecord[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const metadata = await this.#cluster.topic(topic, signal);
    this.#sequences ??= await this.#newSequences(signal);
    const groups = groupsOf(records, metadata);
    const leaders = new Set(groups.map(({ leader }) => leader));
    const outcomes = await Promise.all(
      [...leaders].map((leader) => {
        const led = groups.filter((group) => group.leader === leader);
        return this.#toLeader(topic, metadata, led, signal);
      }),
    );
    const all = outcomes.flat();
    if (all.some(({ fate }) => fate.fate === "moved")) this.#cluster.forget();
    if (all.some(({ fate }) => fate.fate === "forgotten")) this.#sequences = undefined;
    return all;
  }

  async #toLeader(
    topic: string,
    metadata: Metadata,
    groups: readonly Group[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const address = metadata.brokers.find(({ id }) => id === groups[0]?.leader);
    const everywhere = (fate: Fate): Outcome[] => groups.map(({ places }) => ({ places, fate }));
    if (address === undefined) return everywhere(fateOfCode(5, `topic ${topic}`));
    const identities = groups.map((group) => this.#identityFor(topic, group));
    if (identities.includes(undefined))
      return everywhere({ fate: "forgotten", reason: "other records than before are to be sent in their place" });
    try {
      const { connection, produceVersion } = await this.#cluster.at(address, signal);
      const batches = await Promise.all(
        groups.map(async ({ partition, records }, at) => ({
          index: partition,
          batch: await recordBatch(records, identities[at]!, this.#settings.compression),
        })),
      );
      const answer = await connection.ask(produceRequest(topic, batches, produceVersion, replicasMs));
      this.quietUntilMs = Math.max(this.quietUntilMs, Date.now() + answer.throttleMs);
      return groups.map((group) => this.#judge(topic, group, answer.partitions));
    } catch (error) {
      if (error instanceof KafkaRefusal) return everywhere(fateOfCode(error.code, error.more));
      // The broker is gone, perhaps for another that leads now.
      return everywhere({ fate: "moved", reason: reasonOf(error) });
    }
  }

  #judge(topic: string, { partition, places }: Group, answers: readonly ProducedPartition[]): Outcome {
    const answer = answers.find(({ index }) => index === partition);
    if (answer === undefined) return { places, fate: { fate: "again", reason: "the broker answered for others only" } };
    const { error, message, records } = answer;
    const [first] = records;
    const at = records.map(({ index }) => index);
    const fate = fateOfCode(error, message ?? first?.message ?? `topic ${topic}`, at);
    if (fate.fate === "stored") this.#sequences?.stored(nameOf(topic, partition));
    else if (fate.fate === "too large" || fate.fate === "refused") this.#sequences?.notStored(nameOf(topic, partition));
    return { places, fate };
  }

  /** Undefined when no batch can follow under this id. */
  #identityFor(topic: string, { partition, records }: Group): BatchIdentity | undefined {
    const sequences = this.#sequences;
    if (sequences === undefined || !this.#settings.idempotent) return anybody;
    const baseSequence = sequences.begin(nameOf(topic, partition), records);
    return baseSequence === undefined
      ? undefined
      : { producerId: sequences.producerId, epoch: sequences.epoch, baseSequence };
  }

  async #newSequences(signal: AbortSignal): Promise<Sequences> {
    if (!this.#settings.idempotent) return new Sequences(anybody.producerId, anybody.epoch);
    const { connection } = await this.#cluster.any(signal);
    const { error, producerId, epoch } = await connection.ask(producerIdRequest);
    if (error !== 0)
      throw new KafkaRefusal(error, "the broker gives no producer id; idempotent: false does without one");
    return new Sequences(producerId, epoch);
  }
}

const anybody: BatchIdentity = { producerId: -1n, epoch: -1, baseSequence: -1 };

const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;

const leaderOf = ({ partitions }: Metadata, partition: number): number =>
  partitions.find(({ index }) => index === partition)?.leader ?? -1;

function groupsOf(records: readonly KeyedRecord[], metadata: Metadata): Group[] {
  const groups = new Map<number, Group>();
  for (const [place, record] of records.entries()) {
    const partition = partitionOf(record.hash, metadata.partitions.length);
    const group = groups.get(partition) ?? {
      partition,
      leader: leaderOf(metadata, partition),
      places: [],
      records: [],
    };
    groups.set(partition, group);
    group.places.push(place);
    group.records.push(record);
  }
  return [...groups.values()];
}
