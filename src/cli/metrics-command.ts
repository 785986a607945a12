/** `lambdarium metrics`: its options, each with its check. */
import { buildCommand } from "@stricli/core";
import { text } from "./option-forms.ts";
import { parseSince } from "./since.ts";

export interface MetricsFlags {
  /** Milliseconds since the epoch, from the time of the call. */
  readonly since: (nowMs: number) => number;
  readonly "data-dir"?: string;
  readonly json?: boolean;
}

export const metricsCommand = buildCommand<MetricsFlags, [functionName?: string]>({
  loader: async () => (await import("./metrics.ts")).metrics,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, optional: true, placeholder: "FUNCTION", brief: "Name of a function (default: everything)" },
      ],
    },
    flags: {
      since: {
        kind: "parsed",
        parse: parseSince,
        default: "1h",
        placeholder: "TIME",
        brief: "TIME: how far back, as 30s, 5m, 2h, 1d, 1w, or a date such as 2026-11-23T09:00:00Z",
      },
      "data-dir": text("directory in which metrics were kept (default: .lambdarium)", "DIR"),
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print one JSON document" },
    },
  },
  docs: {
    brief: "Show the metrics that were kept",
    customUsage: ["[--since TIME] [--data-dir DIR] [--json] [FUNCTION]"],
    fullDescription: [
      "Shows what CloudWatch would have: Lambda's own metrics of each function, and those that functions and extensions",
      "publish in their logs (embedded metric format) or with PutMetricData, with the course of each since --since: the sum",
      "of counts, the average of everything else. Metrics are kept by the minute in which their invocation began.",
      "",
      "Exit status: 0, also when there is nothing to show; 2 bad usage, or nothing was kept there.",
      "",
      "Examples:",
      "  lambdarium metrics",
      "  lambdarium metrics my-function --since 1d",
      "  lambdarium metrics --json --data-dir ../project/.lambdarium",
    ].join("\n"),
  },
});
