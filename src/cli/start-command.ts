/** `lambdarium start`: its options. */
import { buildCommand } from "@stricli/core";
import { projectArgument, type ServiceFlags, serviceFlags } from "./service-flags.ts";

export const startCommand = buildCommand<ServiceFlags, [project?: string]>({
  loader: async () => (await import("./start.ts")).start,
  parameters: { positional: { kind: "tuple", parameters: [projectArgument] }, flags: serviceFlags("9070") },
  docs: {
    brief: "Serve AWS's Lambda API, with the functions of a project",
    customUsage: ["[--port PORT] [options] [PROJECT]"],
    fullDescription: [
      "Serves AWS's own APIs of Lambda, CloudWatch Logs, CloudWatch and X-Ray on one port, and deploys the functions of",
      "PROJECT: a lambdarium.json, a template.yaml of SAM or CloudFormation, a cdk.out, or the code of one function.",
      "When their code, layers or extensions change, environments are replaced as after an update on Lambda.",
      "",
      "Standard output has the variables that lead AWS's clients here, once all is ready. Standard error has the logs of",
      "all functions, with who wrote each line. On a terminal there are keys: h shows them.",
      "",
      "Exit status: 0 stopped by a signal or a key; 2 bad usage, project or port, nothing was started; 3 Lambdarium itself",
      "failed. Ctrl-C shuts everything down in order; a second one ends everything at once and gives 130.",
      "",
      "Examples:",
      "  lambdarium start",
      "  lambdarium start --port 4566 --extension ./my-extension template.yaml",
      "  lambdarium start --inspect=hello",
    ].join("\n"),
  },
});
