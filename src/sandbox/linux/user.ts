/** Who programs run as (ENV-24), and the limits that each of them has (ENV-90, ENV-92). */
import { readFileSync } from "node:fs";

export const sandboxUser = { name: "sbx_user1051", uid: 993, gid: 990 } as const;

export const processesAtMost = 1024;

export interface ResourceLimit {
  /** Name in the kernel, without `RLIMIT_`, and its number there. */
  readonly name: string;
  readonly number: number;
  /** Its name in `/proc/self/limits`. */
  readonly row: string;
  /** `undefined` stands for no limit. */
  readonly soft: number | undefined;
  readonly hard: number | undefined;
}

const limit = (name: string, number: number, row: string, both?: number): ResourceLimit => ({
  name,
  number,
  row,
  soft: both,
  hard: both,
});

/**
 * The limits that can be given here: none above this process's own hard ones, where it has not the right to raise them,
 * as root has not in many virtual machines and images.
 */
export function attainableLimits(): readonly ResourceLimit[] {
  if (mayRaiseLimits()) {
    return resourceLimits;
  }
  const own = readFileSync("/proc/self/limits", "latin1");
  return resourceLimits.map(({ name, number, row, soft, hard }) => {
    const bound = ownHardLimit(own, row);
    const within = (value: number | undefined): number | undefined =>
      bound === undefined || (value !== undefined && value < bound) ? value : bound;
    return { name, number, row, soft: within(soft), hard: within(hard) };
  });
}

function mayRaiseLimits(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/mu.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) & (1n << sysResource)) !== 0n;
}

const sysResource = 24n;

function ownHardLimit(limits: string, row: string): number | undefined {
  const hard = new RegExp(`^${row} +\\S+ +(\\S+)`, "mu").exec(limits)?.[1];
  return hard === undefined || hard === "unlimited" ? undefined : Number(hard);
}

const resourceLimits: readonly ResourceLimit[] = [
  limit("CPU", 0, "Max cpu time"),
  limit("FSIZE", 1, "Max file size"),
  limit("DATA", 2, "Max data size"),
  { ...limit("STACK", 3, "Max stack size", 8_388_608), hard: undefined },
  limit("CORE", 4, "Max core file size", 10_737_418_240),
  limit("RSS", 5, "Max resident set"),
  limit("NPROC", 6, "Max processes"),
  limit("NOFILE", 7, "Max open files", 1024),
  limit("MEMLOCK", 8, "Max locked memory", 65_536),
  limit("AS", 9, "Max address space"),
];
