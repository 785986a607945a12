/** `lambdarium compare`: its options, each with its check. */
import { buildCommand } from "@stricli/core";
import { list, whole } from "./option-forms.ts";
import { extensionFlags, functionArgument, functionFlags, isolationFlags, runtimeFlags } from "./shared-options.ts";

export interface CompareFlags {
  readonly extension?: readonly string[];
  readonly layer?: readonly string[];
  readonly memory: readonly number[];
  readonly count: number;
  readonly rounds: number;
  readonly event?: readonly string[];
  readonly runtime?: string;
  readonly handler?: string;
  readonly timeout?: number;
  readonly env?: readonly string[];
  readonly "env-file"?: string;
  readonly sandbox: "auto" | "process" | "linux";
  readonly strict?: boolean;
  readonly network?: "machine" | "internet" | "none";
  readonly "init-cpu": "proportional" | "boost";
  readonly json?: boolean;
}

const memorySize = whole(128, 10_240, " of MB");

/** @throws Error for the first part that is none */
const memorySizes = (input: string): readonly number[] => [...new Set(input.split(",").map(memorySize))];

export const compareCommand = buildCommand<CompareFlags, [path?: string]>({
  loader: async () => (await import("./compare.ts")).compare,
  parameters: {
    positional: functionArgument,
    flags: {
      ...extensionFlags,
      memory: {
        kind: "parsed",
        parse: memorySizes,
        default: "128,256,512,1024,1769",
        placeholder: "MB,MB",
        brief: "MB,MB: memory sizes to compare, 128 to 10240 each",
      },
      count: {
        kind: "parsed",
        parse: whole(1, 100_000, ""),
        default: "11",
        placeholder: "N",
        brief: "N: invocations of each environment; the first of them is the cold start",
      },
      rounds: {
        kind: "parsed",
        parse: whole(1, 1000, ""),
        default: "3",
        placeholder: "N",
        brief: "N: fresh environments at each size with and without; the median counts",
      },
      event: list("event of the invocations in turn, default {}; @FILE reads a file, - standard input", "JSON|@FILE|-"),
      ...runtimeFlags,
      ...functionFlags,
      sandbox: {
        kind: "enum",
        values: ["auto", "process", "linux"],
        default: "auto",
        brief: "How processes are kept apart; only linux limits CPU and memory",
      },
      ...isolationFlags,
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print one JSON document with all figures" },
    },
  },
  docs: {
    brief: "Show what extensions cost a function, at each memory size",
    customUsage: ["[--extension PATH]... [--layer PATH]... [--memory MB,MB] [--count N] [options] [FUNCTION]"],
    fullDescription: [
      "Runs FUNCTION in fresh execution environments with its extensions and without them, at each memory size, in turn, and",
      "prints what the extensions change: function and extensions share the memory and the CPU time of the environment, and",
      "CPU time goes by memory size. Without: the same layers, but no extension is started, those of the layers included.",
      "",
      "Columns, medians over all environments of a kind:",
      "  cold start      from the first invocation to its whole response, Init included",
      "  Init            duration of the Init phase",
      "  invocation      until the runtime is done, of invocations that are not the first",
      "  after response  how long extensions held the environment after that",
      "  memory          the highest use of any environment, function and extensions together",
      "  billed, cold    billed duration of the first invocation, Init included; and of those after it",
      "",
      "Exit status: 0 all invocations succeeded; 1 one ended in a function error; 2 bad usage or configuration, nothing was",
      "started; 3 Lambdarium itself failed. Ctrl-C shuts everything down in order and gives 130; a second one kills at once.",
      "",
      "Examples:",
      "  lambdarium compare --extension ./my-extension my-function",
      "  lambdarium compare --layer vendor.zip --memory 128,512 --count 20 --event @event.json --json function.zip",
    ].join("\n"),
  },
});
