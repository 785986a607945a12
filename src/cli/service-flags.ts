/** Options of the commands that serve a project: `start` and `exec`. */
import { parseInspectWish } from "../service/inspect/inspect-wish.ts";
import type { InspectWish } from "../service/inspect/inspect-wish.ts";
import { forwardFlag, list, text, whole } from "./option-forms.ts";
import { sandboxFlags } from "./shared-options.ts";

export interface ServiceFlags {
  readonly port: number;
  readonly region?: string;
  readonly "no-project"?: boolean;
  readonly parameter?: readonly string[];
  readonly extension?: readonly string[];
  readonly "env-file"?: readonly string[];
  readonly "data-dir"?: string;
  readonly setting?: readonly string[];
  readonly "memory-limit"?: number;
  readonly inspect?: InspectWish;
  readonly "xray-daemon"?: string;
  readonly forward?: readonly string[];
  readonly sandbox: "auto" | "process" | "linux";
  readonly strict?: boolean;
  readonly network?: "machine" | "internet" | "none";
  readonly "init-cpu": "proportional" | "boost";
  readonly freeze: "on" | "off";
}

export const projectArgument = {
  parse: String,
  optional: true,
  placeholder: "PROJECT",
  brief: "Directory or file of the project (default: this directory)",
} as const;

export const serviceFlags = (defaultPort: string) =>
  ({
    port: {
      kind: "parsed",
      parse: whole(0, 65_535, ""),
      default: defaultPort,
      placeholder: "PORT",
      brief: "PORT: where the API is served on 127.0.0.1; 0 takes any that is free",
    },
    region: text("region of the project's functions (default: AWS_REGION, else us-east-1)", "REGION"),
    "no-project": {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Serve without a project: functions are created by the API",
    },
    parameter: list(
      "value of a template's parameter, or of what only a deployment knows; may be repeated",
      "NAME=VALUE",
    ),
    extension: list(
      "extension of all functions, or of one: file, layer directory or .zip; may be repeated",
      "[FUNCTION=]PATH",
    ),
    "env-file": list("file with variables of all functions, or of one; may be repeated", "[FUNCTION=]FILE"),
    "data-dir": text("directory in which functions, code, queued events, logs and metrics survive", "DIR"),
    setting: list("setting of the service, such as keepAliveMs=60000; may be repeated", "NAME=VALUE"),
    "memory-limit": {
      kind: "parsed",
      parse: whole(128, 10_000_000, " of MB"),
      optional: true,
      placeholder: "MB",
      brief: "MB: memory of all environments together (default: the machine's, but for a rest)",
    },
    inspect: {
      kind: "parsed",
      parse: parseInspectWish,
      optional: true,
      placeholder: "[NAME][:PORT]",
      brief:
        "[NAME][:PORT]: let a Node.js debugger attach to a function or an extension (default: all functions, port 9229)",
    },
    "xray-daemon": text("daemon of AWS's X-Ray that gets all segments too", "HOST:PORT"),
    forward: forwardFlag,
    ...sandboxFlags,
  }) as const;
