/** What was tried out on this machine since it was started: a throw-away sandbox takes as long as some real ones. */
import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initProgram } from "./init-program.ts";
import type { Workplace } from "./make-sandbox.ts";

/** Whether sandboxes were made so before, by nothing that has changed since. */
export function isKnownToWork(workplace: Workplace): boolean {
  try {
    return readFileSync(fileOf(workplace), "utf8") === circumstances(workplace);
  } catch {
    return false;
  }
}

export function rememberThatItWorks(workplace: Workplace): void {
  try {
    writeFileSync(fileOf(workplace), circumstances(workplace));
  } catch {
    // Then it is tried again the next time.
  }
}

/** A sandbox could not be made: the next host process is to look again. */
export function forgetThatItWorked(workplace: Workplace): void {
  rmSync(fileOf(workplace), { force: true });
}

function fileOf({ place, maker }: Workplace): string {
  return join(place.base, `works-${maker.kind === "oci" ? maker.name : "unshare"}`);
}

function circumstances({ maker, cgroups, hybridAt, skeleton }: Workplace): string {
  const program = maker.kind === "oci" ? maker.program : "/usr/bin/unshare";
  const { mtimeMs, size } = statSync(program, { throwIfNoEntry: false }) ?? {};
  const facts = {
    boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    // Another namespace is another machine, as far as this goes.
    mounts: statSync("/proc/self/ns/mnt").ino,
    program: [program, mtimeMs, size],
    cgroups: [cgroups?.version, cgroups?.can, cgroups?.parents, hybridAt],
    shared: skeleton.shared,
    ours: [statSync(fileURLToPath(import.meta.url)).mtimeMs, process.version],
    init: createHash("sha256")
      .update(initProgram() ?? "")
      .digest("hex"),
  };
  return JSON.stringify(facts);
}
