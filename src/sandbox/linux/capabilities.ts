/** What the Linux driver gives on this machine, in words for the user (ENV-151). */
import type { Capabilities, Enforcement } from "../sandbox.ts";
import type { CgroupSupport } from "./cgroup.ts";
import type { Maker } from "./launch.ts";

export interface Means {
  readonly maker: Maker;
  readonly cgroups: CgroupSupport | undefined;
  /** `/tmp` is a file system on a loop device. */
  readonly tmpOnDisk: boolean;
}

export function linuxCapabilities({ maker, cgroups, tmpOnDisk }: Means): Capabilities {
  const limited = (feature: keyof CgroupSupport["can"], what: string): Enforcement =>
    cgroups?.can[feature] === true
      ? enforced
      : notEnforced(
          `${what}: that takes control groups, which ${cgroups === undefined ? `only root may make here, or who is given one (${delegation})` : "lack it on this machine"}`,
        );
  return {
    "read-only file system": enforced,
    "/tmp size": tmpOnDisk
      ? enforced
      : {
          level: "approximated",
          reason: "the size is held, but /tmp lies in memory, since only root can mount a file",
        },
    "own pid space": enforced,
    "own network": enforced,
    user: isPrivileged(maker)
      ? enforced
      : {
          level: "approximated",
          reason: "sbx_user1051 is a name for your own user, and files of root seem to be nobody's",
        },
    "CPU share": limited("cpu", "processes use as much CPU time as they get"),
    "memory limit": limited("memory", "the memory size is told to the function, but nothing holds it to it"),
    "descriptor limit": enforced,
    "process limit": limited("pids", "processes have the limit of this shell (`ulimit -u`), not 1,024"),
    freeze:
      cgroups?.can.freezer === true
        ? enforced
        : { level: "approximated", reason: "processes are stopped by SIGSTOP, and can notice it by SIGCONT" },
    "sandbox names": enforced,
    snapshot: notEnforced("processes are not saved: every environment runs its own Init before its Restore"),
  };
}

/** What the user is told once. */
export function linuxNotice(means: Means): string {
  const capabilities = linuxCapabilities(means);
  const weak = Object.entries(capabilities)
    .filter(([feature, { level }]) => level !== "enforced" && feature !== "snapshot")
    .map(([feature, { level }]) => `${feature} (${level})`);
  return weak.length === 0 ? "" : `Not as on Lambda in this sandbox: ${weak.join(", ")}.`;
}

function isPrivileged(maker: Maker): boolean {
  return maker.kind === "oci" || maker.privileged;
}

/** How an ordinary user gets a control group, on machines with systemd and version 2. */
const delegation = "systemd-run --user --scope -p Delegate=yes";

const enforced: Enforcement = { level: "enforced", reason: "" };

function notEnforced(reason: string): Enforcement {
  return { level: "not enforced", reason };
}
