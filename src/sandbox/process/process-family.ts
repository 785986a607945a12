/** All processes of one environment: the groups we started, and whoever left them. */
import { setTimeout } from "node:timers/promises";
import { FamilyMemory } from "./family-memory.ts";
import { guardGroup, releaseGroup } from "./guardian.ts";
import { signalGroup, signalProcess } from "./process-groups.ts";
import { hasProcessTable, readProcess, readTicks } from "./process-table.ts";
import { findFamily, StrayWatch } from "./strays.ts";
import type { Family, IsOurs } from "./strays.ts";

export class ProcessFamily {
  /** Groups that still have members, each named by the process that we started. */
  readonly #groups = new Set<number>();
  readonly #strays: StrayWatch;
  readonly #family: Family;
  readonly #memory = new FamilyMemory();
  /** Found by `end()` and still alive, each with the moment of its start. */
  readonly #condemned = new Map<number, number>();
  #peakBytes = 0;

  constructor(isOurs: IsOurs) {
    this.#family = { groups: this.#groups, sinceTicks: readTicks(), isOurs };
    this.#strays = new StrayWatch(this.#family);
  }

  /** A process was started, leader of a group and session of its own. */
  add(pid: number): void {
    this.#groups.add(pid);
    guardGroup(pid);
  }

  /** It ended; its group lives on as long as it has members. */
  leaderEnded(pid: number): void {
    this.#releaseIfEmpty(pid);
  }

  /** Stops everything. */
  stop(): void {
    // The number of an empty group may be given to somebody else one day.
    this.#groups.forEach((group) => signalGroup(group, "SIGSTOP") || this.#releaseIfEmpty(group));
    // Those that left their group can only be found once the others stand still.
    this.#strays.find().forEach((pid) => signalProcess(pid, "SIGSTOP"));
  }

  /** Lets everything go on. */
  continue(): void {
    this.#strays.known.forEach((pid) => signalProcess(pid, "SIGCONT"));
    this.#groups.forEach((group) => signalGroup(group, "SIGCONT"));
  }

  /** Sum of the most memory each living process ever had; the highest sum ever seen. */
  peakBytes(): number {
    if (hasProcessTable) {
      const sum = this.#memory.sumOfPeaks([...this.#groups, ...this.#strays.known]);
      this.#peakBytes = Math.max(this.#peakBytes, sum);
    }
    return this.#peakBytes;
  }

  /** Ends everything; resolves when nothing lives, or after five seconds with what not even SIGKILL can end. */
  async end(): Promise<void> {
    for (let round = 0; this.#killAll() > 0 && round < 500; round += 1) {
      await setTimeout(round < 10 ? 1 : 10);
    }
    this.#groups.forEach((group) => this.#release(group));
    this.#memory.close();
  }

  /** Kills whoever lives; says how many still do. */
  #killAll(): number {
    // Found before anybody is killed: who loses its parent can no longer be recognized by it.
    for (const pid of findFamily(this.#family)) {
      const startTicks = readProcess(pid)?.startTicks;
      if (startTicks !== undefined) this.#condemned.set(pid, startTicks);
    }
    const groups = [...this.#groups].filter((group) => signalGroup(group, "SIGKILL"));
    for (const [pid, startTicks] of this.#condemned) {
      // Who is dying has lost its variables and its outputs, by which it was found, while it still runs.
      if (readProcess(pid)?.startTicks === startTicks) signalProcess(pid, "SIGKILL");
      else this.#condemned.delete(pid);
    }
    // A group counts as living, for the kernel, until its last member is collected by its parent, which may be never.
    return hasProcessTable ? this.#condemned.size : groups.length;
  }

  #releaseIfEmpty(group: number): void {
    if (!signalGroup(group, 0)) {
      this.#release(group);
    }
  }

  #release(group: number): void {
    this.#groups.delete(group);
    releaseGroup(group);
  }
}
