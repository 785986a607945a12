/** The hash by which Kafka's own producer chooses the partition of a key: what it sends and what we send meet there. */

const multiplier = 0x5bd1e995;
const seed = 0x9747b28c;

export function murmur2(key: Buffer): number {
  let hash = seed ^ key.length;
  const whole = key.length - (key.length % 4);
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(key.readInt32LE(at), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (whole < key.length) {
    for (let at = key.length - 1; at >= whole; at -= 1) hash ^= key[at]! << ((at - whole) * 8);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

export const partitionOf = (hash: number, partitions: number): number => (hash & 0x7fffffff) % partitions;
