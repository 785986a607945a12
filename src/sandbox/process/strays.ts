/**
 * Finds the processes of one environment that left the process groups they were started in: daemons (LIFE-74). Linux
 * only; elsewhere none is ever found.
 */
import { guardianPid } from "./guardian.ts";
import { listPids, readEnviron, readNewestPid, readOutputTargets, readProcess } from "./process-table.ts";

export interface Family {
  /** Groups, and so sessions, that still have members. */
  readonly groups: ReadonlySet<number>;
  /** Nobody who started before this moment (in ticks) belongs to it. */
  readonly sinceTicks: number;
  /** Whether what the process carries shows that it can only come from this environment. */
  readonly isOurs: IsOurs;
}

/** Judges a process by its environment variables (`NAME=value`) and by what its two outputs lead to. */
export type IsOurs = (environ: readonly string[], outputs: readonly string[]) => boolean;

/** All living processes of the family, its groups' members included; looks at the whole machine. */
export function findFamily(family: Family): readonly number[] {
  return findAmong(listPids(), family, new Set());
}

/** Remembers what it saw, so that looking again costs little. */
export class StrayWatch {
  readonly #family: Family;
  #known = new Set<number>();
  #foreign = new Set<number>();
  #newestPid = "";

  constructor(family: Family) {
    this.#family = family;
  }

  /** Living processes of the family that are in none of its groups. */
  find(): readonly number[] {
    const newestPid = readNewestPid();
    if (newestPid !== this.#newestPid) {
      this.#newestPid = newestPid;
      this.#lookAtNew(new Set(listPids()));
    }
    return [...this.#known];
  }

  /** Those found by the last `find()`. */
  get known(): readonly number[] {
    return [...this.#known];
  }

  #lookAtNew(all: ReadonlySet<number>): void {
    const still = (pid: number): boolean => all.has(pid);
    this.#known = new Set([...this.#known].filter(still));
    this.#foreign = new Set([...this.#foreign].filter(still));
    const unseen = [...all].filter((pid) => !this.#known.has(pid) && !this.#foreign.has(pid));
    const ours = new Set(findAmong(unseen, this.#family, this.#known));
    for (const pid of unseen) {
      const group = ours.has(pid) ? readProcess(pid)?.group : undefined;
      if (group === undefined) {
        this.#foreign.add(pid);
      } else if (!this.#family.groups.has(group)) {
        // One that is still in a group of ours is looked at again next time: it may leave the group.
        this.#known.add(pid);
      }
    }
  }
}

function findAmong(pids: readonly number[], family: Family, known: ReadonlySet<number>): readonly number[] {
  const rows = pids
    .filter((pid) => pid !== process.pid && pid !== guardianPid())
    .map((pid) => readProcess(pid))
    .filter((row) => row !== undefined)
    .filter((row) => row.startTicks >= family.sinceTicks);
  const ours = new Set(known);
  for (const row of rows) {
    if (family.groups.has(row.group) || family.groups.has(row.session) || carriesSign(row.pid, family)) {
      ours.add(row.pid);
    }
  }
  for (let before = -1; before !== ours.size;) {
    before = ours.size;
    rows.filter((row) => ours.has(row.parent)).forEach((row) => ours.add(row.pid));
  }
  return rows.filter((row) => ours.has(row.pid)).map((row) => row.pid);
}

function carriesSign(pid: number, { isOurs }: Family): boolean {
  return isOurs(readEnviron(pid), readOutputTargets(pid));
}
