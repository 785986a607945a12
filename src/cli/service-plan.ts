/** From options to a service and its project; nothing is started yet. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { amendment } from "../service/deploy/amendment.ts";
import type { ProjectChoice } from "../service/running-service.ts";
import type { ServiceOptions } from "../service/start-service.ts";
import type { ProjectSettings } from "../service/project/project.ts";
import { readSettings } from "../service/read-settings.ts";
import type { ServiceSettings } from "../service/settings.ts";
import type { ServiceFlags } from "./service-flags.ts";

export interface ServicePlan {
  readonly service: Omit<ServiceOptions, "tell" | "settings">;
  /** What is said nowhere else, the project may say. @throws LambdariumError `option-invalid` */
  readonly settings: (project?: ProjectSettings) => ServiceSettings;
  /** Nothing with --no-project. */
  readonly project: ProjectChoice | undefined;
}

/** `keeps`: without a word about it, what is served survives in the project's directory. @throws LambdariumError */
export async function planService(flags: ServiceFlags, place: string, keeps: boolean): Promise<ServicePlan> {
  if (flags.inspect !== undefined && flags.sandbox === "linux")
    throw refused(
      "--inspect",
      flags.inspect.name ?? "",
      "a debugger of this machine does not reach into the sandbox linux",
    );
  const project = flags["no-project"] === true ? undefined : path.resolve(place);
  const dataDir =
    flags["data-dir"] ?? (keeps ? path.join(await directoryOf(project ?? process.cwd()), ".lambdarium") : undefined);
  const given = assignments("--setting", flags.setting);
  const region = flags.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
  const named = {
    ...given,
    ...(region === undefined ? {} : { defaultRegion: region }),
    ...(dataDir === undefined ? {} : { dataDir: path.resolve(dataDir) }),
    ...(flags.forward === undefined ? {} : { forward: JSON.stringify(flags.forward) }),
  };
  const extensions = (flags.extension ?? []).map(forFunction);
  const environmentFiles = (flags["env-file"] ?? []).map(forFunction);
  return {
    settings: (ofProject) => readSettings({ flags: named, environment: process.env, project: ofProject }),
    service: {
      port: flags.port,
      host: {
        // A debugger reaches only what runs in the machine's own network.
        sandbox: flags.inspect !== undefined && flags.sandbox === "auto" ? "process" : flags.sandbox,
        strict: flags.strict ?? false,
        network: flags.network ?? "auto",
        initCpu: flags["init-cpu"],
        freeze: flags.freeze === "on",
      },
      ...(flags["memory-limit"] === undefined ? {} : { memoryLimitMb: flags["memory-limit"] }),
      ...(flags.inspect === undefined ? {} : { inspect: flags.inspect }),
      ...(flags["xray-daemon"] === undefined ? {} : { xrayDaemon: flags["xray-daemon"] }),
    },
    project:
      project === undefined
        ? undefined
        : {
            path: project,
            parameters: assignments("--parameter", flags.parameter),
            amend: amendment({ extensions, environmentFiles }),
          },
  };
}

const refused = (option: string, value: string, why: string) => failure("option-invalid", { option, value, why });

async function directoryOf(place: string): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  return found?.isFile() === true ? path.dirname(place) : place;
}

function assignments(option: string, given: readonly string[] = []): Record<string, string> {
  const pairs = given.map((assignment) => {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw refused(option, assignment, "it is NAME=VALUE");
    return [assignment.slice(0, equals), assignment.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** `PATH` is for all functions, `FUNCTION=PATH` for one. */
function forFunction(given: string): { functionName?: string; path: string } {
  const [, functionName, place] = /^([\w-]{1,64})=(.+)$/.exec(given) ?? [];
  if (functionName === undefined || place === undefined) return { path: path.resolve(given) };
  return { functionName, path: path.resolve(place) };
}
