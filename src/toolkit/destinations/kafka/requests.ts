/** The six requests of the Kafka protocol that a producer needs, and what their answers say. */
import type { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** A request of one version, before it has a number on a connection. */
export interface KafkaRequest<Answer> {
  readonly key: number;
  readonly version: number;
  readonly body: Buffer;
  readonly read: (answer: WireReader) => Answer;
}

const produceKey = 0;

/** The highest version of Produce that the broker has; asked in version 0, which every broker answers. */
export const produceVersionRequest: KafkaRequest<{ readonly error: number; readonly most: number }> = {
  key: 18,
  version: 0,
  body: Buffer.alloc(0),
  read: (answer) => {
    const error = answer.int16();
    const ranges = answer.array(() => ({ key: answer.int16(), least: answer.int16(), most: answer.int16() }));
    return { error, most: ranges.find(({ key }) => key === produceKey)?.most ?? 0 };
  },
};

export interface Metadata {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly topicError: number;
  /** Of the one topic that was asked for. */
  readonly partitions: readonly { readonly index: number; readonly leader: number }[];
}

export const metadataRequest = (topic: string): KafkaRequest<Metadata> => ({
  key: 3,
  version: 4,
  // Whether a missing topic is made is the broker's setting (auto.create.topics.enable).
  body: new WireWriter().int32(1).string(topic).int8(1).finish(),
  read: (answer) => {
    answer.int32();
    const brokers = answer.array(() => {
      const broker = { id: answer.int32(), host: answer.string() ?? "", port: answer.int32() };
      answer.string();
      return broker;
    });
    answer.string();
    answer.int32();
    const [found] = answer.array(() => {
      const topicError = answer.int16();
      answer.string();
      answer.boolean();
      return { topicError, partitions: answer.array(() => partitionIn(answer)) };
    });
    return { brokers, topicError: found?.topicError ?? 3, partitions: found?.partitions ?? [] };
  },
});

function partitionIn(answer: WireReader): Metadata["partitions"][number] {
  answer.int16();
  const partition = { index: answer.int32(), leader: answer.int32() };
  answer.array(() => answer.int32());
  answer.array(() => answer.int32());
  return partition;
}

export const producerIdRequest: KafkaRequest<{
  readonly error: number;
  readonly producerId: bigint;
  readonly epoch: number;
}> = {
  key: 22,
  version: 0,
  body: new WireWriter().string(undefined).int32(60_000).finish(),
  read: (answer) => {
    answer.int32();
    return { error: answer.int16(), producerId: answer.int64(), epoch: answer.int16() };
  },
};

export interface ProducedPartition {
  readonly index: number;
  readonly error: number;
  readonly message: string | undefined;
  /** Records of the batch that are at fault, by their place in it. */
  readonly records: readonly { readonly index: number; readonly message: string | undefined }[];
}

export interface Produced {
  readonly partitions: readonly ProducedPartition[];
  readonly throttleMs: number;
}

/** From version 3 there are record batches; 9 and later are written in another way, and say nothing more to us. */
export const produceVersions = { least: 3, most: 8 };

const allReplicas = -1;

export const produceRequest = (
  topic: string,
  batches: readonly { readonly index: number; readonly batch: Buffer }[],
  version: number,
  timeoutMs: number,
): KafkaRequest<Produced> => {
  const writer = new WireWriter().string(undefined).int16(allReplicas).int32(timeoutMs).int32(1).string(topic);
  writer.array(batches, ({ index, batch }) => writer.int32(index).bytes(batch));
  return {
    key: produceKey,
    version,
    body: writer.finish(),
    read: (answer) => {
      const [partitions = []] = answer.array(() => {
        answer.string();
        return answer.array(() => producedIn(answer, version));
      });
      return { partitions, throttleMs: answer.int32() };
    },
  };
};

function producedIn(answer: WireReader, version: number): ProducedPartition {
  const produced = { index: answer.int32(), error: answer.int16(), message: undefined, records: [] };
  answer.int64();
  answer.int64();
  if (version >= 5) answer.int64();
  if (version < 8) return produced;
  const records = answer.array(() => ({ index: answer.int32(), message: answer.string() }));
  return { ...produced, records, message: answer.string() };
}

export const saslHandshakeRequest = (
  mechanism: string,
): KafkaRequest<{ readonly error: number; readonly mechanisms: readonly string[] }> => ({
  key: 17,
  version: 1,
  body: new WireWriter().string(mechanism).finish(),
  read: (answer) => ({ error: answer.int16(), mechanisms: answer.array(() => answer.string() ?? "") }),
});

export const saslAuthenticateRequest = (
  said: Buffer,
): KafkaRequest<{ readonly error: number; readonly message: string | undefined; readonly said: Buffer }> => ({
  key: 36,
  version: 0,
  body: new WireWriter().bytes(said).finish(),
  read: (answer) => ({ error: answer.int16(), message: answer.string(), said: answer.bytes() }),
});
