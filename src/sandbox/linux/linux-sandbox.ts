/** One environment's programs in namespaces and a control group of their own. */
import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { listExtensionsIn } from "../opt-directory.ts";
import { launchFailure } from "../process/launch-failure.ts";
import { readAllWritten } from "../process/output-reader.ts";
import type { ReadMeter } from "../process/output-reader.ts";
import { readProcess } from "../process/process-table.ts";
import { outputsClosed } from "../process/started-process.ts";
import type { StartedProcess } from "../process/started-process.ts";
import type { DatagramEndpoint, ProcessSpec, Sandbox, SandboxPaths, StartResult } from "../sandbox.ts";
import type { Cgroup } from "./cgroup.ts";
import type { InitProcess } from "./init-process.ts";
import { InnerNetwork, innerAddress } from "./inner-network.ts";
import { startProgram } from "./linux-process.ts";
import { MemoryAccount } from "./memory-account.ts";

export interface SandboxParts {
  /** Directory of this sandbox on the host. */
  readonly directory: string;
  readonly init: InitProcess;
  readonly initPid: number;
  readonly cgroup: Cgroup | undefined;
  /** Ends what was started beside the sandbox for it. */
  readonly dismiss?: () => void;
}

export class LinuxSandbox implements Sandbox {
  readonly address = innerAddress;
  readonly paths = lambdaPaths;
  readonly #parts: SandboxParts;
  readonly #network: InnerNetwork;
  readonly #memory: MemoryAccount | undefined;
  readonly #meter: ReadMeter = { pieces: 0, open: 0 };
  readonly #started = new Set<StartedProcess>();
  #oomKillsSeen = 0;
  #frozen = false;
  #sweeps = 0;
  #destroyed: Promise<void> | undefined;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.#network = new InnerNetwork(parts.init);
    this.#memory = parts.cgroup === undefined ? undefined : new MemoryAccount(parts.cgroup);
  }

  async listExtensions(): Promise<readonly string[]> {
    return listExtensionsIn(join(this.#parts.directory, "opt"));
  }

  async exists(path: string): Promise<boolean> {
    return (await this.#parts.init.look(path).catch(() => "nothing")) === "other";
  }

  async listen(server: Server): Promise<string> {
    return this.#network.listen(server);
  }

  async listenDatagrams(endpoint: DatagramEndpoint): Promise<string> {
    return this.#network.listenDatagrams(endpoint, this.#meter);
  }

  connect(port: number): Socket {
    return this.#network.connect(port);
  }

  async start(spec: ProcessSpec): Promise<StartResult> {
    if (this.#destroyed !== undefined) {
      return launchFailure(new Error("the sandbox is destroyed"));
    }
    const { init, initPid } = this.#parts;
    const result = await startProgram({
      spec,
      init,
      initPid,
      meter: this.#meter,
      onKill: (pid) => this.#letDie(pid),
      wasOutOfMemory: () => this.#countOomKill(),
    });
    if (result.started) {
      this.#keep(result.process);
    }
    return result;
  }

  async drainOutput(): Promise<void> {
    return readAllWritten(this.#meter);
  }

  async freeze(): Promise<void> {
    const { cgroup, init } = this.#parts;
    // Who is frozen cannot die, so in the midst of a sweep nobody is.
    if (this.#destroyed !== undefined || this.#sweeps > 0) {
      return;
    }
    this.#frozen = true;
    if (cgroup === undefined) {
      init.signalAll(constants.signals.SIGSTOP);
    } else {
      cgroup.freeze();
    }
  }

  async thaw(): Promise<void> {
    const { cgroup, init } = this.#parts;
    if (this.#destroyed !== undefined) {
      return;
    }
    this.#frozen = false;
    if (cgroup === undefined) {
      init.signalAll(constants.signals.SIGCONT);
    } else {
      // Whoever was killed for want of memory before this moment is no reason for an end after it (ENV-81).
      this.#oomKillsSeen = cgroup.outOfMemoryKills();
      cgroup.thaw();
    }
  }

  async endCpuBoost(): Promise<void> {
    if (this.#destroyed === undefined) {
      const { cgroup } = this.#parts;
      cgroup?.setCpu(cgroup.limits.cpuMicrosecondsPerPeriod);
    }
  }

  memoryPeakBytes(): number {
    return this.#memory?.peakBytes() ?? 0;
  }

  async sweep(): Promise<void> {
    this.memoryPeakBytes();
    this.#sweeps += 1;
    try {
      await this.#endAll();
      await Promise.all([...this.#started].map(async ({ exited }) => exited));
      await this.drainOutput();
    } finally {
      this.#sweeps -= 1;
    }
  }

  async destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    const { init, cgroup, directory, dismiss } = this.#parts;
    await this.sweep();
    await outputsClosed(this.#started);
    this.#started.forEach(({ sources }) => sources.forEach((source) => source.destroy()));
    await this.#network.close();
    dismiss?.();
    await init.close();
    for (let round = 0; cgroup?.remove() === false && round < 100; round += 1) {
      // The dead are counted as members until they are collected.
      await setTimeout(10);
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  async #endAll(): Promise<void> {
    const { cgroup, init } = this.#parts;
    try {
      await init.endAll(() => {
        // Only now: nobody shall run another step. But who is frozen or out of CPU time cannot die.
        cgroup?.setCpu(undefined);
        cgroup?.thaw();
        this.#frozen = false;
      });
      cgroup?.setCpu(cgroup.limits.cpuMicrosecondsPerPeriod);
    } catch {
      // The init program is gone, and so is everybody else.
    }
  }

  /** The group was sent SIGKILL, which does nothing to the frozen where the kernel's freezer is of the first kind. */
  #letDie(group: number): void {
    const { cgroup } = this.#parts;
    if (this.#frozen && cgroup !== undefined) {
      cgroup.letDie(cgroup.pids().filter((pid) => readProcess(pid)?.group === group));
    }
  }

  #countOomKill(): boolean {
    const kills = this.#parts.cgroup?.outOfMemoryKills() ?? 0;
    const isNew = kills > this.#oomKillsSeen;
    this.#oomKillsSeen += isNew ? 1 : 0;
    return isNew;
  }

  /** Kept until all writers are gone, for a daemon may hold the pipes longer than its parent lives. */
  #keep(started: StartedProcess): void {
    this.#started.add(started);
    const closed = started.sources.map(
      async (source) => new Promise<void>((resolve) => (source.closed ? resolve() : source.once("close", resolve))),
    );
    void Promise.all([started.exited, ...closed]).then(() => this.#started.delete(started));
  }
}

const lambdaPaths: SandboxPaths = {
  task: "/var/task",
  opt: "/opt",
  runtime: "/var/runtime",
  lang: "/var/lang",
  tmp: "/tmp",
};
