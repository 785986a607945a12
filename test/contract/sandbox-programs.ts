/** Starts the programs of `test/fixtures/sandbox-programs` in a sandbox and keeps what they write. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  Exit,
  OutputStream,
  ProcessSpec,
  Sandbox,
  SandboxDriver,
  SandboxProcess,
  SandboxSpec,
} from "../../src/sandbox/sandbox.ts";

export interface Program {
  readonly process: SandboxProcess;
  readonly exited: Promise<Exit>;
  text(stream?: OutputStream): string;
  readonly ended: readonly OutputStream[];
  /** Resolves when the stream's text so far matches. */
  until(pattern: RegExp, stream?: OutputStream): Promise<string>;
}

export interface Workshop {
  /** Of the spec. */
  readonly id: string;
  readonly sandbox: Sandbox;
  /** `AWS_LAMBDA_RUNTIME_API` of a server that answers when `onCall` is through. */
  readonly runtimeApi: string;
  onCall: (path: string) => Promise<void> | void;
  environment(): Record<string, string>;
  start(name: string, args?: readonly string[], spec?: Partial<ProcessSpec>): Promise<Program>;
}

const programs = fileURLToPath(new URL("../fixtures/sandbox-programs/", import.meta.url));
let next = 1;

/** A directory that is removed by `clearDirectories`. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-contract-"));
  directories.push(directory);
  return directory;
}

export function clearDirectories(): void {
  directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true }));
}

const directories: string[] = [];

/** The spec of a sandbox with the programs as its code. */
export function specOf(changes: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    id: `contract-${process.pid}-${next++}`,
    codeDirectory: programs,
    layerDirectories: [],
    extensionFiles: [],
    interpreters: [{ name: "node", file: process.execPath }],
    // One whole CPU (ENV-84), where there is a share at all.
    memorySizeMb: 1769,
    ephemeralStorageMb: 512,
    ...changes,
  };
}

/** A copy of the programs, for a sandbox that needs other files beside them. */
export function copyOfPrograms(): string {
  const directory = freshDirectory();
  cpSync(programs, directory, { recursive: true });
  return directory;
}

export async function openWorkshop(driver: SandboxDriver, changes: Partial<SandboxSpec> = {}): Promise<Workshop> {
  const spec = specOf(changes);
  const sandbox = await driver.create(spec);
  const server = createServer((request, response) => {
    void Promise.resolve(workshop.onCall(String(request.url))).then(() => response.end());
  });
  const runtimeApi = await sandbox.listen(server);
  const workshop: Workshop = {
    id: spec.id,
    sandbox,
    runtimeApi,
    onCall: () => undefined,
    environment: () => ({
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      PATH: `${sandbox.paths.lang}/bin:/usr/local/bin:/usr/bin:/bin:${sandbox.paths.opt}/bin`,
    }),
    start: async (name, args = [], spec = {}) =>
      startProgram(sandbox, {
        file: join(sandbox.paths.task, name),
        args,
        env: workshop.environment(),
        cwd: sandbox.paths.task,
        logDescriptor: false,
        ...spec,
      }),
  };
  return workshop;
}

async function startProgram(
  sandbox: Sandbox,
  spec: Omit<ProcessSpec, "onOutput" | "onOutputEnd"> & Partial<ProcessSpec>,
): Promise<Program> {
  const output: Record<OutputStream, string> = { stdout: "", stderr: "", log: "" };
  const ended: OutputStream[] = [];
  const watchers = new Set<() => void>();
  const result = await sandbox.start({
    onOutput: (stream, bytes) => {
      output[stream] += Buffer.from(bytes).toString("latin1");
      watchers.forEach((watcher) => watcher());
    },
    onOutputEnd: (stream) => ended.push(stream),
    ...spec,
  });
  if (!result.started) {
    throw new Error(`${spec.file}: ${result.reason} (${result.detail})`);
  }
  const until = async (pattern: RegExp, stream: OutputStream = "stdout"): Promise<string> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        const found = pattern.exec(output[stream]);
        if (found !== null) {
          watchers.delete(watcher);
          resolve(found[0]);
        }
      };
      watchers.add(watcher);
      watcher();
    });
  return {
    process: result.process,
    exited: result.process.exited,
    text: (stream = "stdout") => output[stream],
    ended,
    until,
  };
}

/**
 * What the host calls the processes that the programs call so: those in the pid space of `relative`, which may be the
 * host's own. Those that are gone keep their names.
 */
export function hostPids(relative: number, inner: readonly number[]): readonly number[] {
  if (process.platform !== "linux") {
    return inner;
  }
  const space = pidSpaceOf(relative);
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const members = new Map(all.filter((pid) => pidSpaceOf(pid) === space).map((pid) => [innermostPid(pid), pid]));
  return inner.map((pid) => members.get(pid) ?? pid);
}

function pidSpaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function innermostPid(pid: number): number {
  try {
    const line = /^NSpid:(.*)$/mu.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(line?.trim().split(/\s+/u).at(-1));
  } catch {
    return pid;
  }
}

/** Whether a process lives; one that only waits to be collected does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // X: the kernel is about to forget it.
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return process.platform === "linux";
  }
}
