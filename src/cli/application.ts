/** The commands and their names. */
import { readFileSync } from "node:fs";
import { type ApplicationText, buildApplication, buildRouteMap, help, text_en, version } from "@stricli/core";
import { compareCommand } from "./compare-command.ts";
import { createCommand } from "./create-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { execCommand } from "./exec-command.ts";
import { failureText } from "./failure-text.ts";
import { invokeCommand } from "./invoke-command.ts";
import { logsCommand } from "./logs-command.ts";
import { metricsCommand } from "./metrics-command.ts";
import { packCommand } from "./pack-command.ts";
import { parseProblem } from "./parse-problem.ts";
import { startCommand } from "./start-command.ts";
import { tracesCommand } from "./traces-command.ts";

const root = buildRouteMap({
  routes: {
    invoke: invokeCommand,
    start: startCommand,
    exec: execCommand,
    compare: compareCommand,
    logs: logsCommand,
    metrics: metricsCommand,
    traces: tracesCommand,
    create: createCommand,
    pack: packCommand,
    doctor: doctorCommand,
  },
  docs: {
    brief: "AWS Lambda's execution environment on your own machine, in which extensions and telemetry really work.",
    fullDescription: [
      "AWS Lambda's execution environment on your own machine, in which extensions and telemetry really work.",
      "",
      "  lambdarium invoke my-function                          invoke a function once, with the event {}",
      "  lambdarium invoke --extension ./my-extension --count 3 with an extension, three times",
      "  lambdarium invoke --help                               all that can be given",
      "  lambdarium start                                       serve AWS's Lambda API with the functions of a project",
      "  lambdarium exec -- npm test                            run a command against a service of its own",
      "  lambdarium compare --extension ./my-extension          what it costs, at each memory size",
      "  lambdarium logs --follow                               the logs that were kept, and new ones",
      "  lambdarium metrics --since 1d                          the metrics that were kept",
      "  lambdarium traces                                      X-Ray traces that a service has kept",
      "  lambdarium create extension my-extension               a project with a test",
      "  lambdarium pack my-extension.ts                        a layer's archive, checked",
      "  lambdarium doctor                                      what this machine offers",
    ].join("\n"),
  },
});

const text: ApplicationText = {
  ...text_en,
  headers: { ...text_en.headers, flags: "OPTIONS" },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    `error: There is no command "${input}".${corrections.length === 0 ? "" : ` Did you mean ${corrections.join(" or ")}?`}`,
  exceptionWhileParsingArguments: parseProblem,
  exceptionWhileRunningCommand: withoutLineEnd,
  exceptionWhileLoadingCommandFunction: withoutLineEnd,
  commandErrorResult: withoutLineEnd,
};

function withoutLineEnd(error: unknown): string {
  return failureText(error).trimEnd();
}

const formatting = { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: "original" } as const;

export const application = buildApplication(
  root,
  {
    name: "lambdarium",
    scanner: { caseStyle: "original", allowArgumentEscapeSequence: true },
    localization: { text },
  },
  {
    help: help({ brief: "Print help and exit", formatting, defaultForRouteMap: true }),
    version: version({
      brief: "Print the version and exit",
      info: { getCurrentVersion: () => Promise.resolve(ownVersion()) },
    }),
  },
);

function ownVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
