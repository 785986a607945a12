/** Records in a Kafka topic: `import … from "lambdarium/extension/destinations/kafka"`. */
import type { TelemetryRecord } from "../telemetry-records.ts";
import { type Destination, type Item, type Origin, timeOf } from "./destination.ts";
import { Cluster, type ClusterSettings } from "./kafka/cluster.ts";
import { fateOfCode, KafkaRefusal, resultOf } from "./kafka/fates.ts";
import { murmur2 } from "./kafka/murmur2.ts";
import { type KeyedRecord, Producer } from "./kafka/producer.ts";
import { batchOverheadBytes, recordBody, recordOverheadBytes } from "./kafka/record-batch.ts";
import { requestIds } from "./kafka/record-keys.ts";
import { misconfigured } from "./misconfigured.ts";

export type { KafkaTls } from "./kafka/broker-connection.ts";
export type { KafkaSasl } from "./kafka/sasl.ts";

export interface KafkaSettings extends ClusterSettings {
  /** Of all records, or of each. A topic that is missing keeps everything in the spool. */
  readonly topic: string | undefined | ((record: TelemetryRecord, origin: Origin) => string);
  /**
   * Records of one key stay in order, in one partition. `request id` is that of the invocation, outside of one the
   * environment's; `environment` keeps everything of one environment in order; default `request id`.
   */
  readonly key?: "request id" | "environment" | ((record: TelemetryRecord, origin: Origin) => string);
  /** What a message says; default the record as JSON. */
  readonly value?: (record: TelemetryRecord, origin: Origin) => string;
  /** Added to `record-id`; default the function's name and version. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `gzip`. */
  readonly compression?: "gzip" | "none";
  /** Bytes of one request before compression; default 1,000,000, below what a topic takes by default. */
  readonly maxBytes?: number;
  /** False does without a producer id, for clusters that give none; what was sent again may then be there twice. */
  readonly idempotent?: boolean;
}

/** An item is a record of Kafka's but for its place in the batch. */
type Message = Item & KeyedRecord;

/**
 * Sends to the leader of each partition and waits until all replicas in sync have it. A batch whose answer was lost is
 * sent again with the same sequence numbers, and the broker leaves it out.
 */
export function kafka(settings: KafkaSettings): Destination {
  const { topic, brokers, sasl } = settings;
  const named = [brokers ?? []].flat().filter((broker) => broker.trim() !== "");
  if (named.length === 0) return misconfigured("kafka", "no broker: set brokers");
  const name = `kafka ${named.join(",")}`;
  if (!topic) return misconfigured(name, "no topic: set topic");
  if (sasl !== undefined && "password" in sasl && !sasl.password)
    return misconfigured(name, `no password for ${sasl.username}: set sasl.password`);
  const cluster = new Cluster(settings);
  const { compression = "gzip", idempotent = true } = settings;
  const producer = new Producer(cluster, { compression, idempotent });
  const requestIdOf = requestIds();
  let underWay = false;
  let stale = false;
  const { key = "request id" } = settings;
  const keyOf = (record: TelemetryRecord, origin: Origin): string => {
    if (typeof key === "function") return key(record, origin);
    return (key === "request id" ? requestIdOf(record) : undefined) ?? origin.processId;
  };
  return {
    name,
    limits: {
      maxItems: 10_000,
      maxBytes: settings.maxBytes ?? 1_000_000,
      itemOverheadBytes: recordOverheadBytes,
      requestOverheadBytes: batchOverheadBytes,
    },
    encode: (record, origin, id) => [messageOf({ ...settings, topic }, record, origin, keyOf(record, origin), id)],
    async send({ items, route: topic = "", signal }) {
      const afterMs = producer.quietUntilMs - Date.now();
      if (afterMs > 0) return { kind: "try later", reason: "a quota of the broker's is used up", afterMs };
      if (stale) cluster.disconnect("renewed");
      stale = false;
      const giveUp = (): void => cluster.disconnect("given up");
      signal.addEventListener("abort", giveUp, { once: true });
      underWay = true;
      try {
        return resultOf(await producer.produce(topic, items as readonly Message[], signal));
      } catch (error) {
        cluster.forget();
        if (!(error instanceof KafkaRefusal)) throw error;
        return resultOf([{ places: [...items.keys()], fate: fateOfCode(error.code, error.more) }]);
      } finally {
        underWay = false;
        signal.removeEventListener("abort", giveUp);
      }
    },
    thawed() {
      if (underWay) stale = true;
      else cluster.disconnect("renewed");
    },
    close: () => cluster.disconnect("closed"),
  };
}

type WithTopic = KafkaSettings & { readonly topic: NonNullable<KafkaSettings["topic"]> };

function messageOf(settings: WithTopic, record: TelemetryRecord, origin: Origin, key: string, id: string): Message {
  const { functionName, functionVersion } = origin;
  const more = settings.headers ?? { "function-name": functionName, "function-version": functionVersion };
  const value = settings.value?.(record, origin) ?? JSON.stringify(record);
  const body = recordBody(key, value, [["record-id", id], ...Object.entries(more)]);
  const route = typeof settings.topic === "string" ? settings.topic : settings.topic(record, origin);
  return { body, bytes: body.length, timeMs: timeOf(record), route, hash: murmur2(Buffer.from(key)) };
}
