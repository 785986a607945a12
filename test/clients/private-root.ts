/**
 * Runs an environment in a mount namespace of its own, with `/opt` and `/etc/hosts` as Lambda has them: the `process`
 * sandbox cannot give these, and there are extensions that name their files and their listener by them.
 */
import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EnvironmentOptions, EnvironmentSnapshot, InvocationResult } from "lambdarium";

export interface Scenario {
  readonly options: EnvironmentOptions;
  readonly events: readonly unknown[];
  /** Shown as `/opt`. */
  readonly opt: string;
  /** Files that the extension leaves under names of its own. */
  readonly leftovers?: readonly string[];
  /** Milliseconds between two invocations. */
  readonly gapMs?: number;
}

export interface Outcome {
  readonly invocations: readonly InvocationResult[];
  readonly snapshot: EnvironmentSnapshot;
  /** The events the extensions were given, in order: `INVOKE`, `SHUTDOWN`. */
  readonly delivered: readonly string[];
  readonly subscriptions: readonly {
    readonly extensionName: string;
    readonly api: string;
    readonly schemaVersion: string;
    readonly destination: string;
    readonly produced: { readonly events: number };
    readonly delivered: { readonly events: number };
    readonly dropped: { readonly events: number };
  }[];
  /** Which of the leftovers were there after the last invocation. */
  readonly left: readonly string[];
  readonly notices: readonly string[];
}

const asRoot = ["--mount"];
const asAnybody = ["--user", "--map-root-user", "--mount"];
const rights = [asRoot, asAnybody].find((flags) => spawnSync("unshare", [...flags, "true"]).status === 0);

/** Why this machine cannot do it. */
export const privateRootObstacle: string | undefined =
  rights === undefined
    ? "it needs a private mount namespace for /opt and /etc/hosts, and unshare is missing or not allowed here"
    : undefined;

const player = fileURLToPath(new URL("play-scenario.mjs", import.meta.url));

/** `directory` is where hosts file and scenario are written. */
export async function playInPrivateRoot(directory: string, scenario: Scenario): Promise<Outcome> {
  const hosts = join(directory, "hosts");
  const file = join(directory, "scenario.json");
  writeFileSync(hosts, "127.0.0.1 localhost sandbox sandbox.localdomain\n");
  writeFileSync(file, JSON.stringify(scenario));
  const script = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /opt && shift 2 && exec "$@"';
  const command = ["bash", "-c", script, "bash", hosts, scenario.opt, process.execPath, player, file];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile("unshare", [...(rights ?? []), ...command], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stderr}`));
    });
  });
  return JSON.parse(stdout) as Outcome;
}
