/** The most memory an environment ever used, as near to what Lambda reports as the kernel's accounts allow (ENV-82). */
import { readFileSync, readlinkSync } from "node:fs";
import type { Cgroup } from "./cgroup.ts";

export class MemoryAccount {
  readonly #cgroup: Cgroup;
  #peakBytes = 0;
  #cacheWasLarge = false;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  /** Looks now; gives the highest ever, never more than the limit. */
  peakBytes(): number {
    const { ownBytes, cacheBytes, peakBytes } = this.#cgroup.memory();
    this.#cacheWasLarge ||= cacheBytes > cacheToleratedBytes;
    // The kernel's own peak counts the files it keeps in mind, /tmp above all, which on Lambda are no memory of the
    // function's (ENV-14). It is good as long as there were few of them; else what is seen at each look must do.
    const seen = this.#cacheWasLarge ? ownBytes : Math.max(ownBytes, peakBytes - cacheBytes);
    this.#peakBytes = Math.max(this.#peakBytes, seen + mappedBytes(this.#cgroup.pids()));
    return Math.min(this.#peakBytes, this.#cgroup.limits.memoryBytes);
  }
}

const cacheToleratedBytes = 16 * 1024 * 1024;

/**
 * Programs and libraries in memory, each program counted once. The kernel charges them to whoever on the machine read
 * them first; on Lambda that is always the environment.
 */
function mappedBytes(pids: readonly number[]): number {
  const perProgram = new Map<string, number>();
  for (const pid of pids) {
    try {
      const program = readlinkSync(`/proc/${pid}/exe`);
      const kilobytes = Number(/^RssFile:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
      perProgram.set(program, Math.max(perProgram.get(program) ?? 0, kilobytes * 1024));
    } catch {
      // It ended while we looked.
    }
  }
  return [...perProgram.values()].reduce((sum, bytes) => sum + bytes, 0);
}
