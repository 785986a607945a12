/** `lambdarium invoke`: its options, each with its check. */
import { buildCommand } from "@stricli/core";
import { forwardFlag, list, text, whole } from "./option-forms.ts";
import { extensionFlags, functionArgument, functionFlags, sandboxFlags, runtimeFlags } from "./shared-options.ts";

export interface InvokeFlags {
  readonly event?: readonly string[];
  readonly count: number;
  readonly extension?: readonly string[];
  readonly layer?: readonly string[];
  readonly runtime?: string;
  readonly handler?: string;
  readonly memory?: number;
  readonly timeout?: number;
  readonly env?: readonly string[];
  readonly "env-file"?: string;
  readonly "log-format": "text" | "json";
  readonly "function-name"?: string;
  readonly tracing: "active" | "passthrough";
  readonly sandbox: "auto" | "process" | "linux";
  readonly strict?: boolean;
  readonly network?: "machine" | "internet" | "none";
  readonly "init-cpu": "proportional" | "boost";
  readonly freeze: "on" | "off";
  readonly "shutdown-reason": "spindown" | "timeout" | "failure";
  readonly telemetry?: string;
  readonly "data-dir"?: string;
  readonly forward?: readonly string[];
  readonly json?: boolean;
}

const mostInvocations = 1_000_000;

export const invokeCommand = buildCommand<InvokeFlags, [path?: string]>({
  loader: async () => (await import("./invoke.ts")).invoke,
  parameters: {
    positional: functionArgument,
    flags: {
      event: list(
        "event of an invocation, default {}; may be repeated; @FILE reads a file, - standard input",
        "JSON|@FILE|-",
      ),
      count: {
        kind: "parsed",
        parse: whole(1, mostInvocations, ""),
        default: "1",
        placeholder: "N",
        brief: "N: how often the events are sent, one after the other",
      },
      ...extensionFlags,
      ...runtimeFlags,
      memory: {
        kind: "parsed",
        parse: whole(128, 10_240, " of MB"),
        optional: true,
        placeholder: "MB",
        brief: "MB: memory size of the function, 128 to 10240 (default: 128)",
      },
      ...functionFlags,
      "log-format": { kind: "enum", values: ["text", "json"], default: "text", brief: "Lambda's log format" },
      "function-name": text("name of the function (default: the name of its directory or file)", "NAME"),
      tracing: {
        kind: "enum",
        values: ["active", "passthrough"],
        default: "passthrough",
        brief: "X-Ray tracing: active traces sampled invocations, and shows them at the end",
      },
      ...sandboxFlags,
      "shutdown-reason": {
        kind: "enum",
        values: ["spindown", "timeout", "failure"],
        default: "spindown",
        brief: "Reason that extensions find in SHUTDOWN at the end",
      },
      telemetry: text("where to write every telemetry record, one JSON object a line; - for standard output", "FILE|-"),
      "data-dir": text("where logs, metrics and traces are kept (default: .lambdarium where there is one)", "DIR"),
      forward: forwardFlag,
      json: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Print one JSON document with results, phases and extensions",
      },
    },
  },
  docs: {
    brief: "Run a function with its extensions through its whole life",
    customUsage: ["[--event JSON|@FILE|-]... [--count N] [--extension PATH]... [--layer PATH]... [options] [FUNCTION]"],
    fullDescription: [
      "Starts an execution environment for FUNCTION, invokes it once for each event, and shuts it down: Init, Invoke and",
      "Shutdown with the function's extensions, frozen in between, as Lambda does.",
      "",
      "Standard output has the payload of each response, one JSON value a line. Standard error has the logs with who wrote",
      "each line, and at the end the timeline. With --json standard output is one JSON document instead.",
      "",
      "Logs, metrics and traces are kept in the directory of --data-dir, or in .lambdarium if this directory has one, for",
      "`lambdarium logs`; otherwise nothing is kept.",
      "",
      "Exit status: 0 all invocations succeeded; 1 one ended in a function error; 2 bad usage or configuration, nothing was",
      "started; 3 Lambdarium itself failed. Ctrl-C shuts everything down in order and gives 130; a second one kills at once.",
      "",
      "Examples:",
      '  lambdarium invoke --event \'{"name":"Ada"}\' examples/functions/hello-node',
      "  lambdarium invoke --event @event.json --count 3 --extension ./my-extension --telemetry records.jsonl",
      "  echo '{}' | lambdarium invoke --event - --json --memory 512 --timeout 10 function.zip",
    ].join("\n"),
  },
});
