/** The sandbox in the words of the OCI runtime specification, for crun and runc. */
import type { Mount } from "./mounts.ts";
import { attainableLimits, sandboxUser } from "./user.ts";

export interface OciFacts {
  readonly root: string;
  readonly mounts: readonly Mount[];
  readonly initArguments: readonly string[];
  /** Where runc keeps its own control group; crun is told to have none. */
  readonly cgroupsPath: string;
}

/** The text of `config.json`. */
export function ociConfigText(facts: OciFacts): string {
  // All bits set, which no number of JavaScript says exactly.
  return JSON.stringify(ociConfig(facts)).replaceAll(`"${unlimited}"`, "18446744073709551615");
}

const unlimited = "unlimited";

function ociConfig({ root, mounts, initArguments, cgroupsPath }: OciFacts): object {
  const nothing = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  return {
    ociVersion: "1.0.2",
    hostname: "169",
    root: { path: root, readonly: true },
    process: {
      terminal: false,
      user: { uid: sandboxUser.uid, gid: sandboxUser.gid },
      cwd: "/",
      args: ["/var/rapid/init", ...initArguments],
      env: [],
      noNewPrivileges: true,
      capabilities: nothing,
      rlimits: attainableLimits().map(({ name, soft, hard }) => ({
        type: `RLIMIT_${name}`,
        soft: soft ?? unlimited,
        hard: hard ?? unlimited,
      })),
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "noexec", "strictatime", "mode=755", "size=64k"],
      },
      ...mounts.map((mount) => ociMount(mount)),
    ],
    linux: {
      namespaces: ["mount", "ipc", "uts", "pid", "network"].map((type) => ({ type })),
      cgroupsPath,
      resources: { devices: [{ allow: false, access: "rwm" }] },
      maskedPaths,
      readonlyPaths,
    },
  };
}

/** Parts of `/proc` that say or change too much of the machine. */
export const maskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
];
export const readonlyPaths: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

/** Overlay takes `:` and `,` in paths for itself. */
export function overlayOption(lower: readonly string[]): string {
  return `lowerdir=${lower.map((path) => path.replaceAll(/[\\:,]/gu, String.raw`\$&`)).join(":")}`;
}

function ociMount(mount: Mount): object {
  const { target } = mount;
  const safe = ["nosuid", "nodev"];
  switch (mount.kind) {
    case "bind":
      return {
        destination: target,
        type: "bind",
        source: mount.source,
        options: ["rbind", mount.writable === true ? "rw" : "ro", ...safe],
      };
    case "overlay":
      return {
        destination: target,
        type: "overlay",
        source: "overlay",
        options: ["ro", overlayOption(mount.lower), ...safe],
      };
    case "tmpfs":
      return {
        destination: target,
        type: "tmpfs",
        source: "tmpfs",
        options: [`size=${mount.sizeBytes}`, "mode=1777", ...safe],
      };
    default:
      return mount satisfies never;
  }
}
