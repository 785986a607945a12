/**
 * Where the processes of one execution environment live. A driver makes sandboxes; a sandbox starts, freezes, measures
 * and ends processes. Nothing here knows what Lambda is: that is `environment/`.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The features of ENV-151: what Lambda gives every environment and a machine may or may not give. */
export const sandboxFeatures = [
  "read-only file system",
  "/tmp size",
  "own pid space",
  "own network",
  "user",
  "CPU share",
  "memory limit",
  "descriptor limit",
  "process limit",
  "freeze",
  "sandbox names",
  "snapshot",
] as const;

export type SandboxFeature = (typeof sandboxFeatures)[number];

export interface Enforcement {
  readonly level: "enforced" | "approximated" | "not enforced";
  /** Why it is not `enforced`, in words for the user; empty when it is. */
  readonly reason: string;
}

export type Capabilities = Readonly<Record<SandboxFeature, Enforcement>>;

export type SandboxDriverName = "process" | "linux";

export interface SandboxDriver {
  readonly name: SandboxDriverName;
  /** What this driver gives on this machine. */
  readonly capabilities: Capabilities;
  /** What the user is told once about this driver, in one line: what it does not isolate; empty when nothing. */
  readonly notice: string;
  /**
   * Makes the directories of one environment; nothing runs in it yet.
   * @throws LambdariumError `layer-not-found`, `disk-full` or `sandbox-directory-failed`; nothing is left behind then.
   */
  create(spec: SandboxSpec): Promise<Sandbox>;
}

export interface SandboxSpec {
  /** Unique per environment; part of names on the machine. */
  readonly id: string;
  /** Directory on the host with the function's unpacked code; seen as `/var/task` where the driver can. */
  readonly codeDirectory: string;
  /** Directories on the host with unpacked layers, in configured order; merged into `/opt`, later ones win (ENV-17). */
  readonly layerDirectories: readonly string[];
  /** Executables on the host that become `/opt/extensions/<name>` after the layers. */
  readonly extensionFiles: readonly { readonly name: string; readonly file: string }[];
  /** Interpreters that appear in `/var/lang/bin` under the given names. */
  readonly interpreters: readonly { readonly name: string; readonly file: string }[];
  /** Directory on the host with our runtime client; seen as `/var/runtime` where the driver can. */
  readonly runtimeDirectory?: string;
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  /**
   * What programs reach, where the driver can keep them from it at all: nothing (the default), the internet, or also the
   * servers on this machine's own loopback interface, at `machine.lambdarium.internal`.
   */
  readonly network?: "machine" | "internet" | "none";
  /** CPU time until `endCpuBoost()`: by memory size as always (the default), or two CPUs (ENV-89). */
  readonly initCpu?: "proportional" | "boost";
}

/** Directories as the processes inside see them. */
export interface SandboxPaths {
  /** `/var/task` */
  readonly task: string;
  /** `/opt` */
  readonly opt: string;
  /** `/var/runtime` */
  readonly runtime: string;
  /** `/var/lang` */
  readonly lang: string;
  /** `/tmp` */
  readonly tmp: string;
}

/** Which of a process's streams a piece of output came from; `log` is the framed descriptor (CAP-23). */
export type OutputStream = "stdout" | "stderr" | "log";

export interface ProcessSpec {
  /** Absolute path inside the sandbox. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the process: nothing of the host's leaks in (ENV-29). */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory inside the sandbox. */
  readonly cwd: string;
  /** Give the process a descriptor for framed log records, its number in `_LAMBDA_TELEMETRY_LOG_FD` (CAP-23). */
  readonly logDescriptor: boolean;
  /** Called with each piece as it is read; reading never waits for the callee, so writers never block (CAP-04). */
  readonly onOutput: (stream: OutputStream, bytes: Uint8Array) => void;
  /** Called once for each stream when its last writer closed it (CAP-11). */
  readonly onOutputEnd: (stream: OutputStream) => void;
}

export interface Exit {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when the kernel ended it because the environment's memory was used up (ENV-79). */
  readonly outOfMemory: boolean;
}

/** Why a file could not be executed, in the words of LIFE-05 and RT-106. */
export type LaunchFailureReason =
  | "permission denied"
  | "exec format error"
  | "no such file or directory"
  | "resource temporarily unavailable"
  | "argument list too long"
  | "text file busy"
  | "invalid argument"
  | "input/output error";

export type StartResult =
  | { readonly started: true; readonly process: SandboxProcess }
  | { readonly started: false; readonly reason: LaunchFailureReason; readonly detail: string };

export interface SandboxProcess {
  /** Process id on the host. */
  readonly pid: number;
  /** Sends to the whole process group (LIFE-94); does nothing when it has ended. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Settles when the process ended and its output was read to the last byte it wrote itself. Never rejects. */
  readonly exited: Promise<Exit>;
}

/** One port for datagrams and for TCP connections. */
export interface DatagramEndpoint {
  /** The number that is wanted; another where the machine's own ports are used. */
  readonly port: number;
  /** Called with each datagram as it is read, up to 65,507 bytes; `drainOutput` covers datagrams too. */
  readonly onDatagram: (bytes: Uint8Array) => void;
  readonly server: Server;
}

export interface Sandbox {
  readonly paths: SandboxPaths;
  /** Names of the entries of `/opt/extensions` that are not directories, in byte order (LIFE-01, LIFE-03). */
  listExtensions(): Promise<readonly string[]>;
  /** Whether this path leads to something inside the sandbox that is not a directory (ENV-63). */
  exists(path: string): Promise<boolean>;
  /**
   * Makes the server reachable from inside; gives the `host:port` for `AWS_LAMBDA_RUNTIME_API`. The server belongs to
   * the sandbox from then on: it stays open until `destroy()`, which closes it after the last process is gone.
   * @throws LambdariumError `sandbox-listen-failed`
   */
  listen(server: Server): Promise<string>;
  /**
   * Makes a port reachable from inside for datagrams and for the server; gives its `host:port`. Whoever sends a datagram
   * never waits: what cannot be kept until it is read is lost. Both belong to the sandbox from then on, as in `listen`.
   * @throws LambdariumError `sandbox-listen-failed`
   */
  listenDatagrams(endpoint: DatagramEndpoint): Promise<string>;
  /** Opens a connection to `sandbox.localdomain:<port>`; failure is the socket's `error` event. */
  connect(port: number): Socket;
  /** The address that `sandbox.localdomain` stands for inside (DLV-05). */
  readonly address: string;
  start(spec: ProcessSpec): Promise<StartResult>;
  /**
   * Resolves when everything the processes had written before the call was read and handed to `onOutput` (CAP-16), and
   * every datagram they had sent to `onDatagram`.
   */
  drainOutput(): Promise<void>;
  /**
   * Stops every process; resolves when the order is given, not when each has stopped. Harmless when frozen; does nothing
   * during `sweep()`, whose processes are ending.
   */
  freeze(): Promise<void>;
  /** Lets every process go on. Harmless when not frozen. */
  thaw(): Promise<void>;
  /** Ends what `initCpu: "boost"` began; harmless otherwise. */
  endCpuBoost(): Promise<void>;
  /**
   * Highest memory use of the environment since its start (ENV-82), 0 when it cannot be known. A driver without the
   * kernel's accounts looks at the processes that live at the call: ask before they end, at the end of each phase.
   */
  memoryPeakBytes(): number;
  /** Ends every process that is left, daemons included (LIFE-74); resolves when none lives. */
  sweep(): Promise<void>;
  /** Sweeps and removes all traces: directories, sockets, mounts, cgroups. Idempotent; never rejects. */
  destroy(): Promise<void>;
}
