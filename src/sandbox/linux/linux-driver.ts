/** The driver that isolates: namespaces, control groups, a read-only file system and a network of each environment's own. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { LambdariumError } from "../../errors.ts";
import type { SandboxDriver } from "../sandbox.ts";
import { linuxCapabilities, linuxNotice } from "./capabilities.ts";
import { findCgroups } from "./find-cgroups.ts";
import { clearAfter, guard } from "./guardian.ts";
import { findAbandoned, makeHostPlace } from "./host-place.ts";
import { forgetThatItWorked, isKnownToWork, rememberThatItWorks } from "./known-to-work.ts";
import type { Maker } from "./launch.ts";
import { makeSandbox } from "./make-sandbox.ts";
import type { Workplace } from "./make-sandbox.ts";
import { probe } from "./probe.ts";
import { findProgram } from "./programs.ts";
import { makeSkeleton } from "./skeleton.ts";

export type LinuxDriver =
  | { readonly available: true; readonly driver: SandboxDriver; readonly by: string }
  | { readonly available: false; readonly why: string };

export type MakerName = "crun" | "runc" | "unshare";

export interface LinuxDriverOptions {
  /**
   * Directory below which environments have theirs. For root it is `/var/tmp` by default, which lies on a disk, for what
   * functions write to their `/tmp` comes there; for others the system's directory for temporary files.
   */
  readonly workDirectory?: string;
  /** By what sandboxes are made: the first of crun, runc and unshare that works, by default. */
  readonly maker?: MakerName;
}

/**
 * Makes the driver where a throw-away sandbox really worked since the machine was started, or says why not. Asking again
 * with the same options costs nothing.
 */
export async function createLinuxDriver(options: LinuxDriverOptions = {}): Promise<LinuxDriver> {
  const key = JSON.stringify([options.workDirectory ?? defaultWorkDirectory(), options.maker ?? ""]);
  const known = drivers.get(key) ?? findDriver(options);
  drivers.set(key, known);
  return known;
}

/** Where environments have their directories when nothing else is said. */
export function defaultWorkDirectory(): string {
  return process.getuid?.() === 0 && existsSync("/var/tmp") ? "/var/tmp" : tmpdir();
}

const drivers = new Map<string, Promise<LinuxDriver>>();
const places = new Map<string, Promise<Pick<Workplace, "place" | "skeleton" | "cgroups" | "hybridAt">>>();

async function findDriver(options: LinuxDriverOptions): Promise<LinuxDriver> {
  if (process.platform !== "linux") {
    return { available: false, why: "it needs Linux" };
  }
  const refusals: string[] = [];
  try {
    const common = await commonPlace(options.workDirectory ?? defaultWorkDirectory());
    for (const maker of makers(options.maker)) {
      const privileged = process.getuid?.() === 0;
      const workplace: Workplace = { ...common, maker, tmpOnDisk: privileged, mayOverlay: privileged };
      const why = isKnownToWork(workplace) ? undefined : await probe(workplace);
      if (why === undefined) {
        rememberThatItWorks(workplace);
        return { available: true, driver: driverOf(workplace), by: nameOf(maker) };
      }
      refusals.push(`with ${nameOf(maker)}, ${why}`);
    }
  } catch (error) {
    refusals.push((error as Error).message);
  }
  return { available: false, why: refusals.join("; ") || `${options.maker} is not installed` };
}

function driverOf(workplace: Workplace): SandboxDriver {
  return {
    name: "linux",
    capabilities: linuxCapabilities(workplace),
    notice: linuxNotice(workplace),
    create: async (spec) => {
      try {
        return await makeSandbox(spec, workplace);
      } catch (error) {
        if (error instanceof LambdariumError && error.code === "sandbox-directory-failed") {
          forgetThatItWorked(workplace);
        }
        throw error;
      }
    },
  };
}

async function commonPlace(parent: string): Promise<Pick<Workplace, "place" | "skeleton" | "cgroups" | "hybridAt">> {
  const known = places.get(parent) ?? makePlace(parent);
  places.set(parent, known);
  return known;
}

async function makePlace(parent: string): Promise<Pick<Workplace, "place" | "skeleton" | "cgroups" | "hybridAt">> {
  const place = makeHostPlace(parent);
  const { support: cgroups, hybridAt } = findCgroups();
  guard(place, cgroups?.parents ?? []);
  findAbandoned(place.base).forEach((key) => clearAfter(place.base, key, cgroups?.parents ?? []));
  return { place, skeleton: await makeSkeleton(place.directory), cgroups, hybridAt };
}

function makers(wanted: MakerName | undefined): readonly Maker[] {
  const privileged = process.getuid?.() === 0;
  const runtimes = (["crun", "runc"] as const).flatMap((name): Maker[] => {
    const program = findProgram(name);
    return program === undefined || !privileged ? [] : [{ kind: "oci", program, name }];
  });
  const all: readonly Maker[] = [...runtimes, { kind: "unshare", privileged }];
  return all.filter((maker) => wanted === undefined || nameOf(maker) === wanted);
}

function nameOf(maker: Maker): MakerName {
  return maker.kind === "oci" ? maker.name : "unshare";
}
