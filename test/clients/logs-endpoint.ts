/** A function whose log is kept, and CloudWatch Logs over what is kept, for clients that know only its endpoint. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createEnvironment, type Environment } from "lambdarium";
import { writeFiles } from "../fixtures/programs.ts";
import { clientVariables } from "./client-variables.ts";
import { openKept } from "./kept-observability.ts";

export interface LogsEndpoint {
  readonly endpoint: string;
  readonly environment: Environment;
  readonly close: () => Promise<void>;
}

const handler = `export const handler = async (event) => {
  console.log("parcel", event.parcel);
  process.stdout.write(JSON.stringify({ level: event.parcel % 2 === 0 ? "INFO" : "ERROR", parcel: event.parcel }) + "\\n");
};`;

/** The environment writes from one connection to the file, the API reads from another. */
export async function openLogsEndpoint(scratch: string): Promise<LogsEndpoint> {
  const dataDirectory = join(scratch, "kept");
  const environment = await createEnvironment({
    sandbox: "process",
    function: writeFiles(join(scratch, "function"), { "index.mjs": handler }),
    functionName: "parcels",
    dataDirectory,
  });
  const kept = await openKept(dataDirectory);
  return {
    endpoint: kept.endpoint,
    environment,
    close: async () => {
      await environment.kill();
      await kept.close();
    },
  };
}

export const variables = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  ...clientVariables,
});

export interface Program {
  readonly process: ChildProcess;
  readonly shown: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

export function start(command: readonly string[], env: Readonly<Record<string, string>>): Program {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    process: child,
    shown: () => stdout,
    ended: new Promise((resolve, reject) => {
      child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr }));
    }),
  };
}
