/** From options to what is to be done, or to the first of them that cannot be; nothing is started yet. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseEnv } from "node:util";
import { failure } from "../errors.ts";
import type { EnvironmentOptions } from "../testing/environment-options.ts";
import { readEvents } from "./events-input.ts";
import { reasonOf } from "./file-problem.ts";
import type { InvokeFlags } from "./invoke-command.ts";

export interface InvokePlan {
  readonly environment: EnvironmentOptions;
  /** One invocation each, as JSON text. */
  readonly events: readonly Uint8Array[];
  readonly shutdownReason: InvokeFlags["shutdown-reason"];
  /** A file, or `-` for stdout. */
  readonly telemetry: string | undefined;
  readonly json: boolean;
}

/** @throws LambdariumError `option-invalid`, `invalid-setting`, `input-unreadable`, `event-too-large` */
export async function planInvoke(flags: InvokeFlags, place: string): Promise<InvokePlan> {
  if (flags.json && flags.telemetry === "-")
    throw refused("--telemetry", "-", "with --json standard output has one JSON document and nothing else");
  const { memory } = flags;
  const given = await readEvents(flags.event ?? ["{}"]);
  return {
    environment: {
      ...(await planned(flags, place)),
      logFormat: flags["log-format"] === "json" ? "JSON" : "Text",
      freeze: flags.freeze === "on",
      tracing: flags.tracing === "active" ? "Active" : "PassThrough",
      ...(memory === undefined ? {} : { memorySizeMb: memory }),
      ...(await dataDirectory(flags["data-dir"])),
      ...(flags.forward === undefined ? {} : { forward: flags.forward }),
      ...(flags["function-name"] === undefined ? {} : { functionName: flags["function-name"] }),
    },
    events: Array.from({ length: flags.count }, () => given).flat(),
    shutdownReason: flags["shutdown-reason"],
    telemetry: flags.telemetry,
    json: flags.json ?? false,
  };
}

/** Only where somebody wants it: an invocation leaves nothing behind by itself. */
async function dataDirectory(given: string | undefined): Promise<{ readonly dataDirectory?: string }> {
  if (given !== undefined) return { dataDirectory: path.resolve(given) };
  const own = path.resolve(".lambdarium");
  const found = await stat(own).catch(() => undefined);
  return found?.isDirectory() === true ? { dataDirectory: own } : {};
}

type CommonFlags = Pick<
  InvokeFlags,
  | "extension"
  | "layer"
  | "runtime"
  | "handler"
  | "timeout"
  | "env"
  | "env-file"
  | "sandbox"
  | "strict"
  | "network"
  | "init-cpu"
>;

/** What several commands take alike. */
export async function planned(flags: CommonFlags, place: string): Promise<EnvironmentOptions> {
  const { layer, extension, runtime, handler, timeout } = flags;
  return {
    function: place,
    environmentVariables: await variablesOf(flags),
    sandbox: flags.sandbox,
    strict: flags.strict ?? false,
    network: flags.network ?? "auto",
    initCpu: flags["init-cpu"],
    ...(extension === undefined ? {} : { extensions: extension }),
    ...(layer === undefined ? {} : { layers: layer }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(handler === undefined ? {} : { handler }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
  };
}

const refused = (option: string, value: string, why: string) => failure("option-invalid", { option, value, why });

async function variablesOf({ env = [], "env-file": file }: CommonFlags): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  if (file !== undefined) Object.assign(variables, parseEnv(await readText(file, "--env-file")));
  for (const assignment of env) {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw refused("--env", assignment, "it is NAME=VALUE");
    variables[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return variables;
}

async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw failure("input-unreadable", { option, path: file, why: reasonOf(error) }, error);
  }
}
