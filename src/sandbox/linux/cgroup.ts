/** The kernel's accounts and limits of one environment's programs: a control group, of either version. */

export interface CgroupLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  /** CPU time in each period of 20 ms, in microseconds. */
  readonly cpuMicrosecondsPerPeriod: number;
}

export interface MemoryUse {
  /** What programs have taken, without files that the kernel only keeps in mind. */
  readonly ownBytes: number;
  /** Files that the kernel keeps in mind on the environment's account. */
  readonly cacheBytes: number;
  /** The most of both together ever, or since `forgetPeak`. */
  readonly peakBytes: number;
}

export interface Cgroup {
  readonly limits: CgroupLimits;
  /** Files into which a process writes `0` to enter. */
  readonly entrances: readonly string[];
  freeze(): void;
  thaw(): void;
  /** CPU time for all programs in each period, or `undefined` for as much as they get. */
  setCpu(microsecondsPerPeriod: number | undefined): void;
  /** Lets frozen programs of the list that have a SIGKILL waiting die; nothing else of them happens. */
  letDie(pids: readonly number[]): void;
  /** Kills for want of memory since the beginning. */
  outOfMemoryKills(): number;
  memory(): MemoryUse;
  forgetPeak(): void;
  /** CPU time used since the beginning, in microseconds. */
  cpuMicroseconds(): number;
  pids(): readonly number[];
  /** Removes it; resolves to `false` when somebody is still in it. */
  remove(): boolean;
}

/** What a way of grouping can do on this machine. */
export interface CgroupSupport {
  readonly version: 1 | 2;
  readonly can: Readonly<Record<"cpu" | "memory" | "pids" | "freezer", boolean>>;
  /** Directories below which those of a host process lie, to be cleared after it. */
  readonly parents: readonly string[];
  create(hostKey: string, name: string, limits: CgroupLimits): Cgroup;
}

/** Lambda's own value: shorter periods cannot express small shares, longer ones let short work go unthrottled. */
export const cpuPeriodMicroseconds = 20_000;

/** CPU time per period that a memory size gives (ENV-84): 1,769 MB are one whole CPU. */
export function cpuShareMicroseconds(memorySizeMb: number): number {
  return Math.max(1000, Math.round((cpuPeriodMicroseconds * memorySizeMb) / 1769));
}
