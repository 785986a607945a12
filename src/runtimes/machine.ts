/** What the search for interpreters asks of the machine; tests describe one of their own. */
import { execFile } from "node:child_process";
import { homedir } from "node:os";

export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The Node.js that runs us, and its version. */
  readonly execPath: string;
  readonly nodeVersion: string;
  /** Folders that are searched after those of `PATH`. */
  readonly systemFolders: readonly string[];
  /** Asks an interpreter for its version by running it; `undefined` when it does not answer. */
  askVersion(file: string): Promise<string | undefined>;
}

export const thisMachine: Machine = {
  env: process.env,
  home: homedir(),
  execPath: process.execPath,
  nodeVersion: process.versions.node,
  systemFolders: ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"],
  askVersion: (file) =>
    new Promise((resolve) => {
      execFile(file, ["--version"], { timeout: 10_000 }, (error, stdout) =>
        resolve(error === null ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined),
      );
    }),
};
