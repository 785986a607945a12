/** Options that more than one command has, each written once. */
import { list, text, whole } from "./option-forms.ts";

/** Which function: the only argument. */
export const functionArgument = {
  kind: "tuple",
  parameters: [
    {
      parse: String,
      optional: true,
      placeholder: "FUNCTION",
      brief: "Directory, .zip archive or source file of the function (default: this directory)",
    },
  ],
} as const;

export const extensionFlags = {
  extension: list("executable or source file to run as an external extension; may be repeated", "PATH"),
  layer: list("directory or .zip archive to merge into /opt; may be repeated, at most 5", "PATH"),
};

export const runtimeFlags = {
  runtime: text("runtime such as nodejs22.x, python3.13, provided.al2023 (default: by what is there)", "ID"),
  handler: text("handler such as index.handler (default: by what is there)", "HANDLER"),
};

/** What the function is given beside its memory. */
export const functionFlags = {
  timeout: {
    kind: "parsed",
    parse: whole(1, 900, " of seconds"),
    optional: true,
    placeholder: "SECONDS",
    brief: "SECONDS: timeout of the function, 1 to 900 (default: 3)",
  },
  env: list("environment variable of the function; may be repeated", "NAME=VALUE"),
  "env-file": text("file with environment variables, NAME=VALUE a line; --env comes after it", "FILE"),
} as const;

/** What the sandbox keeps apart and limits. */
export const isolationFlags = {
  strict: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Refuse to start where any wall or limit of Lambda's would be less than enforced",
  },
  network: {
    kind: "enum",
    values: ["machine", "internet", "none"],
    optional: true,
    brief:
      "What programs reach: nothing, the internet (default, where there is a way), or also this machine's own servers",
  },
  "init-cpu": {
    kind: "enum",
    values: ["proportional", "boost"],
    default: "proportional",
    brief: "CPU time of the first Init: by memory size, or two CPUs",
  },
} as const;

/** Where processes live, and whether they rest between phases; `isolationFlags` among them, in the order help shows. */
export const sandboxFlags = {
  sandbox: {
    kind: "enum",
    values: ["auto", "process", "linux"],
    default: "auto",
    brief: "How processes are kept apart; `lambdarium doctor` shows what each gives",
  },
  ...isolationFlags,
  freeze: {
    kind: "enum",
    values: ["on", "off"],
    default: "on",
    brief: "Whether processes are frozen between phases, as Lambda does",
  },
} as const;
