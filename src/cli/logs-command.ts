/** `lambdarium logs`: its options, each with its check. */
import { buildCommand } from "@stricli/core";
import { text } from "./option-forms.ts";
import { parseSince } from "./since.ts";

export interface LogsFlags {
  readonly follow?: boolean;
  readonly filter?: string;
  /** Milliseconds since the epoch, from the time of the call. */
  readonly since: (nowMs: number) => number;
  readonly "data-dir"?: string;
  readonly json?: boolean;
}

export const logsCommand = buildCommand<LogsFlags, [functionName?: string]>({
  loader: async () => (await import("./logs.ts")).logs,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          optional: true,
          placeholder: "FUNCTION",
          brief: "Name of a function or of a log group (default: all)",
        },
      ],
    },
    flags: {
      follow: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Show new log events too, until Ctrl-C",
      },
      filter: text("one of CloudWatch's filter patterns, such as ERROR or '{ $.level = \"ERROR\" }'", "PATTERN"),
      since: {
        kind: "parsed",
        parse: parseSince,
        default: "10m",
        placeholder: "TIME",
        brief: "TIME: how far back, as 30s, 5m, 2h, 1d, 1w, or a date such as 2026-11-23T09:00:00Z",
      },
      "data-dir": text("directory in which logs were kept (default: .lambdarium)", "DIR"),
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print each log event as a JSON object" },
    },
    aliases: { f: "follow" },
  },
  docs: {
    brief: "Show the logs that were kept, and follow new ones",
    customUsage: ["[--follow] [--filter PATTERN] [--since TIME] [--data-dir DIR] [--json] [FUNCTION]"],
    fullDescription: [
      "Shows the log events of FUNCTION, or of all functions, in order of time: what CloudWatch Logs would have. They are",
      "kept by `lambdarium start` in .lambdarium of its project, and by `lambdarium invoke` with --data-dir, or where a",
      "directory .lambdarium is. Reading disturbs nobody who is writing.",
      "",
      "Each line has the time, the function where there are several, and the message.",
      "",
      "Exit status: 0, also when there is nothing to show; 2 bad usage, or no logs were kept there.",
      "",
      "Examples:",
      "  lambdarium logs my-function --follow",
      "  lambdarium logs --since 1h --filter '?ERROR ?WARN'",
      "  lambdarium logs --json --filter '{ $.level = \"ERROR\" }' --data-dir ../project/.lambdarium",
    ].join("\n"),
  },
});
