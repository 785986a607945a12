/** `lambdarium traces`: its options. */
import { buildCommand } from "@stricli/core";
import { text, whole } from "./option-forms.ts";

export interface TracesFlags {
  readonly "data-dir"?: string;
  readonly count: number;
  readonly json?: boolean;
}

export const tracesCommand = buildCommand<TracesFlags, [id?: string]>({
  loader: async () => (await import("./traces.ts")).traces,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, optional: true, placeholder: "ID", brief: "Trace to show (default: list the newest)" },
      ],
    },
    flags: {
      "data-dir": text("where the service keeps its data (default: .lambdarium in this directory)", "DIR"),
      count: {
        kind: "parsed",
        parse: whole(1, 1000, ""),
        default: "20",
        placeholder: "N",
        brief: "N: how many traces are listed",
      },
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print one JSON document" },
    },
  },
  docs: {
    brief: "Show X-Ray traces of functions with active tracing",
    customUsage: ["[--data-dir DIR] [--count N] [--json] [ID]"],
    fullDescription: [
      "Lists the newest traces that a service has kept, or shows one as a tree: every segment and subsegment, those that",
      "the function itself sent included, with when it began, how long it took, how it ended, and a bar.",
      "",
      "Examples:",
      "  lambdarium traces",
      "  lambdarium traces 1-69d9e8b0-a1b2c3d4e5f60718293a4b5c",
    ].join("\n"),
  },
});
