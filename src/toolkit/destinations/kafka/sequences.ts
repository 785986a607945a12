/** The numbers by which brokers know a batch that comes again: for each partition, of one producer id. */
import type { EncodedRecord } from "./record-batch.ts";

interface PartitionState {
  /** The number of the next record that was never sent. */
  next: number;
  /** Sent, and nothing tells whether it was stored: it must come again as it was. */
  inDoubt: readonly EncodedRecord[] | undefined;
}

/** Sequence numbers begin again at 0 after that. */
const beyondLast = 2 ** 31;

export class Sequences {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly #partitions = new Map<string, PartitionState>();

  constructor(producerId: bigint, epoch: number) {
    this.producerId = producerId;
    this.epoch = epoch;
  }

  /** The number of the batch's first record; undefined when other records are in doubt: under this id none can follow. */
  begin(partition: string, records: readonly EncodedRecord[]): number | undefined {
    const state = this.#partitions.get(partition) ?? { next: 0, inDoubt: undefined };
    this.#partitions.set(partition, state);
    if (state.inDoubt !== undefined && !areSame(state.inDoubt, records)) return undefined;
    state.inDoubt = records;
    return state.next;
  }

  stored(partition: string): void {
    const state = this.#partitions.get(partition);
    if (state?.inDoubt === undefined) return;
    state.next = (state.next + state.inDoubt.length) % beyondLast;
    state.inDoubt = undefined;
  }

  /** The broker will never store that batch: its numbers are free. */
  notStored(partition: string): void {
    const state = this.#partitions.get(partition);
    if (state !== undefined) state.inDoubt = undefined;
  }
}

const areSame = (ones: readonly EncodedRecord[], others: readonly EncodedRecord[]): boolean =>
  ones.length === others.length && ones.every((one, at) => one === others[at]);
