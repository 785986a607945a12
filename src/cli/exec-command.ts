/** `lambdarium exec`: its options. */
import { buildCommand } from "@stricli/core";
import { text } from "./option-forms.ts";
import { type ServiceFlags, serviceFlags } from "./service-flags.ts";

export interface ExecFlags extends ServiceFlags {
  readonly project?: string;
}

export const execCommand = buildCommand<ExecFlags, string[]>({
  loader: async () => (await import("./exec.ts")).exec,
  parameters: {
    positional: {
      kind: "array",
      parameter: { parse: String, placeholder: "COMMAND", brief: "Program to run, and its arguments" },
      minimum: 1,
    },
    flags: {
      project: text("directory or file of the project (default: this directory)", "PROJECT"),
      ...serviceFlags("0"),
    },
  },
  docs: {
    brief: "Run a command with AWS's clients led to a service of its own",
    customUsage: ["[options] -- COMMAND [ARGUMENT]..."],
    fullDescription: [
      "Starts the service as `lambdarium start` does, on a port that is free and with nothing kept, runs COMMAND with",
      "AWS_ENDPOINT_URL, AWS_REGION and keys that open nothing, and shuts the service down when COMMAND has ended.",
      "",
      "Exit status: that of COMMAND, or 128 and the number of the signal that ended it; 127 and 126 when it cannot be found",
      "or run; 2 bad usage or project, COMMAND was not run; 3 Lambdarium itself failed.",
      "",
      "Examples:",
      "  lambdarium exec -- npm test",
      "  lambdarium exec --project template.yaml -- aws lambda invoke --function-name hello out.json",
    ].join("\n"),
  },
});
