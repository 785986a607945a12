/** Sandboxes of the Linux driver for tests, and what tests look at in them. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import { createLinuxDriver, defaultWorkDirectory } from "../../src/sandbox/linux/linux-driver.ts";
import type { MakerName } from "../../src/sandbox/linux/linux-driver.ts";
import { createProcessDriver } from "../../src/sandbox/process/process-driver.ts";
import { listPids } from "../../src/sandbox/process/process-table.ts";
import type { Exit, SandboxDriver, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { openWorkshop } from "./sandbox-programs.ts";
import type { Workshop } from "./sandbox-programs.ts";

export interface LinuxForTests {
  /** Another one where it does not work: its tests are to be skipped then. */
  readonly driver: SandboxDriver;
  readonly missing: boolean;
  /** Title for its tests, with the reason when they are skipped (ENV-152). */
  readonly title: string;
}

/** The Linux driver, made by the program named or by the best one. */
export async function linuxForTests(maker?: MakerName): Promise<LinuxForTests> {
  const linux = await createLinuxDriver(maker === undefined ? {} : { maker });
  const title = `the linux driver${maker === undefined ? "" : ` by ${maker}`}`;
  return linux.available
    ? { driver: linux.driver, missing: false, title }
    : { driver: createProcessDriver(), missing: true, title: `${title} (${linux.why})` };
}

/** Opens workshops that are closed after each test. */
export function workshops(driver: SandboxDriver): (changes?: Partial<SandboxSpec>) => Promise<Workshop> {
  const open: Workshop[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async ({ sandbox }) => sandbox.destroy()));
  });
  return async (changes = {}) => {
    const workshop = await openWorkshop(driver, changes);
    open.push(workshop);
    return workshop;
  };
}

/** Runs a shell script in the sandbox to its end. */
export async function shell(
  workshop: Workshop,
  script: string,
): Promise<{ readonly text: string; readonly complaints: string; readonly exit: Exit }> {
  const program = await workshop.start("sh", ["-c", script], { file: "/bin/sh" });
  const exit = await program.exited;
  return { text: program.text().trimEnd(), complaints: program.text("stderr").trimEnd(), exit };
}

/** Directory of hostile programs. */
export const hostilePrograms = fileURLToPath(new URL("../fixtures/sandbox-hostile/", import.meta.url));

/** Where this user's sandboxes have their directories. */
export const sandboxesDirectory = `${defaultWorkDirectory()}/lambdarium-sandboxes-${process.getuid?.() ?? 0}`;

/** Directories and control groups that are named for a sandbox, wherever they are left. */
export function tracesOf(id: string): readonly string[] {
  const places = [sandboxesDirectory, "/sys/fs/cgroup"];
  // What vanishes while it is looked for is no error here.
  const found = spawnSync("find", [...places, "-maxdepth", "5", "-name", `${id}-*`], { encoding: "utf8" }).stdout;
  return found.split("\n").filter(Boolean);
}

/** How all processes of the machine were started. */
export function commandLines(): readonly string[] {
  return listPids().flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}
