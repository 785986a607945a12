/** A Lambda in a process of its own, for foreign programs that are told its endpoint and nothing else. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../fixtures/service-process.ts";
import { variables } from "./logs-endpoint.ts";
import { scratchDirectory } from "./told.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServedLambda {
  readonly endpoint: string;
  /** Where programs are run, unless they are told another place. */
  readonly directory: string;
  readonly run: (
    command: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly stdin?: string },
  ) => Promise<Ran>;
}

/** Serves while the tests of the file, or of the group, run; `args` are options of `lambdarium start`. */
export function withLambda(...args: readonly string[]): () => ServedLambda {
  const directory = scratchDirectory();
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await startServiceProcess(join(directory, "data"), ...args);
  });
  afterAll(() => service.end("SIGTERM"));
  return () => ({
    endpoint: service.endpoint,
    directory,
    run: (command, { cwd = directory, env = {}, stdin = "" } = {}) =>
      ranTo(command, cwd, { ...process.env, ...variables(service.endpoint), AWS_PAGER: "", ...env }, stdin),
  });
}

function ranTo(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv, stdin: string): Promise<Ran> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr: error === null ? stderr : `${stderr}${error.message}` }),
    );
    child.stdin?.end(stdin);
  });
}
