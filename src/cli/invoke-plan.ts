/** From options to what is to be done, or to the first of them that cannot be; nothing is started yet. */
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { failure } from "../errors.ts";
import type { EnvironmentOptions } from "../testing/environment.ts";
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
export async function planInvoke(flags: InvokeFlags, path: string): Promise<InvokePlan> {
  if (flags.json && flags.telemetry === "-")
    throw refused("--telemetry", "-", "with --json standard output has one JSON document and nothing else");
  const { layer, extension, runtime, handler, memory, timeout } = flags;
  const environmentVariables = await variablesOf(flags);
  const given = await readEvents(flags.event ?? ["{}"]);
  return {
    environment: {
      function: path,
      environmentVariables,
      logFormat: flags["log-format"] === "json" ? "JSON" : "Text",
      sandbox: flags.sandbox,
      freeze: flags.freeze === "on",
      ...(extension === undefined ? {} : { extensions: extension }),
      ...(layer === undefined ? {} : { layers: layer }),
      ...(runtime === undefined ? {} : { runtime }),
      ...(handler === undefined ? {} : { handler }),
      ...(memory === undefined ? {} : { memorySizeMb: memory }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(flags["function-name"] === undefined ? {} : { functionName: flags["function-name"] }),
    },
    events: Array.from({ length: flags.count }, () => given).flat(),
    shutdownReason: flags["shutdown-reason"],
    telemetry: flags.telemetry,
    json: flags.json ?? false,
  };
}

const refused = (option: string, value: string, why: string) => failure("option-invalid", { option, value, why });

async function variablesOf({ env = [], "env-file": file }: InvokeFlags): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  if (file !== undefined) Object.assign(variables, parseEnv(await readText(file, "--env-file")));
  for (const assignment of env) {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw refused("--env", assignment, "it is NAME=VALUE");
    variables[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return variables;
}

async function readText(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw failure("input-unreadable", { option, path, why: reasonOf(error) }, error);
  }
}
