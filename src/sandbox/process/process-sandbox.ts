/** One environment's processes and directories, without isolation. */
import type { Socket as DatagramSocket } from "node:dgram";
import { stat } from "node:fs/promises";
import { connect } from "node:net";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { listExtensionsIn } from "../opt-directory.ts";
import type { DatagramEndpoint, ProcessSpec, Sandbox, SandboxPaths, SandboxSpec, StartResult } from "../sandbox.ts";
import { readDatagrams } from "./datagram-reader.ts";
import { findLaunchObstacle, launchFailure } from "./launch-failure.ts";
import { closeServer, listenDatagramsOnLoopback, listenOnLoopback, loopback } from "./loopback.ts";
import { readAllWritten } from "./output-reader.ts";
import type { ReadMeter } from "./output-reader.ts";
import { PipeSupply } from "./output-pipes.ts";
import type { OutputPipe } from "./output-pipes.ts";
import { ProcessFamily } from "./process-family.ts";
import { outputsClosed, startProcess, streamsOf } from "./started-process.ts";
import type { StartedProcess } from "./started-process.ts";
import { makeWorkDirectory, removeWorkDirectory } from "./work-directory.ts";
import type { WorkDirectory } from "./work-directory.ts";

export class ProcessSandbox implements Sandbox {
  readonly address = loopback;
  readonly paths: SandboxPaths;
  readonly #root: string;
  /** None where there is no `mkfifo`: Node.js's own pipes are taken then. */
  readonly #pipes: PipeSupply | undefined;
  readonly #family: ProcessFamily;
  readonly #meter: ReadMeter = { pieces: 0, open: 0 };
  readonly #started = new Set<StartedProcess>();
  readonly #servers = new Map<Server, string>();
  readonly #datagrams: DatagramSocket[] = [];
  #destroyed: Promise<void> | undefined;

  static async create(spec: SandboxSpec, parent: string, mkfifo: string | undefined): Promise<ProcessSandbox> {
    let pipes: PipeSupply | undefined;
    const directory = await makeWorkDirectory(spec, parent, async (root) => {
      if (mkfifo !== undefined) {
        // Made now, so that the first start need not wait.
        pipes = new PipeSupply(mkfifo, join(root, "pipes"));
        await pipes.prepare();
      }
    });
    return new ProcessSandbox(directory, pipes);
  }

  private constructor({ root, paths }: WorkDirectory, pipes: PipeSupply | undefined) {
    this.#root = root;
    this.paths = paths;
    this.#pipes = pipes;
    this.#family = new ProcessFamily((environ, outputs) => this.#isOurs(environ, outputs));
  }

  async listExtensions(): Promise<readonly string[]> {
    return listExtensionsIn(this.paths.opt);
  }

  async exists(path: string): Promise<boolean> {
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && !found.isDirectory();
  }

  async listen(server: Server): Promise<string> {
    const hostAndPort = await listenOnLoopback(server);
    this.#servers.set(server, hostAndPort);
    return hostAndPort;
  }

  async listenDatagrams({ server, onDatagram }: DatagramEndpoint): Promise<string> {
    const { socket, hostAndPort } = await listenDatagramsOnLoopback(server, () =>
      readDatagrams(onDatagram, this.#meter),
    );
    this.#datagrams.push(socket);
    this.#servers.set(server, hostAndPort);
    return hostAndPort;
  }

  connect(port: number): Socket {
    return connect({ host: this.address, port });
  }

  async start(spec: ProcessSpec): Promise<StartResult> {
    const obstacle = await findLaunchObstacle(spec.file);
    if (obstacle !== undefined) {
      return obstacle;
    }
    let pipes: readonly OutputPipe[];
    try {
      pipes = (await this.#pipes?.take(streamsOf(spec).length)) ?? [];
    } catch (error) {
      return launchFailure(error);
    }
    const result = await startProcess({
      spec,
      pipes,
      meter: this.#meter,
      mayStart: () => this.#destroyed === undefined,
      onStart: (pid) => this.#family.add(pid),
      onExit: (pid) => this.#family.leaderEnded(pid),
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
    this.#family.stop();
  }

  async thaw(): Promise<void> {
    this.#family.continue();
  }

  async endCpuBoost(): Promise<void> {
    // There is no share that could be lifted.
  }

  memoryPeakBytes(): number {
    return this.#family.peakBytes();
  }

  async sweep(): Promise<void> {
    await this.#family.end();
    await Promise.all([...this.#started].map(async ({ exited }) => exited));
    await this.drainOutput();
  }

  async destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    // Not thawed first: SIGKILL ends stopped processes too, and none of them shall run another step.
    await this.sweep();
    await outputsClosed(this.#started);
    this.#started.forEach(({ sources }) => sources.forEach((source) => source.destroy()));
    this.#datagrams.splice(0).forEach((socket) => socket.close());
    await Promise.all([...this.#servers.keys()].map(async (server) => closeServer(server)));
    await this.#pipes?.close();
    await removeWorkDirectory(this.#root);
  }

  /** Processes are kept until all their writers are gone, for a daemon may hold the pipes longer than they live. */
  #keep(started: StartedProcess): void {
    this.#started.add(started);
    const closed = started.sources.map(
      async (source) => new Promise<void>((resolve) => (source.closed ? resolve() : source.once("close", resolve))),
    );
    void Promise.all([started.exited, ...closed]).then(() => this.#started.delete(started));
  }

  /**
   * Three signs that no other process on the machine can carry: the address of a server that is open and ours (once it
   * is closed, anybody may get the port), a search path into our own directory, and an output that is one of our pipes.
   */
  #isOurs(environ: readonly string[], outputs: readonly string[]): boolean {
    const addresses = [...this.#servers].filter(([server]) => server.listening).map(([, hostAndPort]) => hostAndPort);
    const inside = `${this.#root}/`;
    return (
      outputs.some((path) => path.startsWith(inside)) ||
      environ.some(
        (line) =>
          addresses.some((hostAndPort) => line === `AWS_LAMBDA_RUNTIME_API=${hostAndPort}`) ||
          (/^(?:PATH|LD_LIBRARY_PATH)=/u.test(line) && line.includes(inside)),
      )
    );
  }
}
