/** `lambdarium pack`: its options. */
import { buildCommand } from "@stricli/core";
import { text } from "./option-forms.ts";

export interface PackFlags {
  readonly output?: string;
  readonly name?: string;
  readonly architecture?: ("x86_64" | "arm64")[];
  readonly "compatible-runtimes"?: string[];
  readonly standalone?: boolean;
  readonly node?: string;
  readonly function?: boolean;
  readonly json?: boolean;
}

export const packCommand = buildCommand<PackFlags, [string]>({
  loader: async () => (await import("./pack.ts")).pack,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "EXTENSION",
          brief: "Source file in TypeScript or JavaScript, program, or directory with extensions/ inside",
        },
      ],
    },
    flags: {
      output: text("archive to write (default: NAME.zip)", "FILE"),
      name: text("name of the extension (default: the file's, without .ts or .mjs)", "NAME"),
      architecture: {
        kind: "enum",
        values: ["x86_64", "arm64"],
        optional: true,
        variadic: true,
        brief: "Processor of the functions; may be repeated (default: what is in the layer runs on)",
      },
      "compatible-runtimes": {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: ",",
        brief: "IDS: runtimes of the functions, with commas (default: those that have what it needs)",
        placeholder: "IDS",
      },
      standalone: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Make one executable with Node.js inside, for functions whose runtime has none: some 90 MB",
      },
      node: text("program of Node.js to put it into (default: the one that runs this)", "FILE"),
      function: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "The directory is a function's code, not a layer",
      },
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print one JSON document" },
    },
  },
  docs: {
    brief: "Bundle an extension and build its layer",
    fullDescription: [
      "Bundles EXTENSION and all it imports into one file, puts a launcher where Lambda looks for it, checks what would fail",
      "on Lambda, and writes the layer's archive. A program, or a directory that has the layer's content with extensions/",
      "inside, is taken as it is, in any language. The same content gives the same bytes, so that a hash shows a change.",
      "",
      "Exit status: 0 packed, warnings included; 2 bad usage, a source that cannot be bundled, or a layer that would fail on",
      "Lambda: no archive is written; 3 Lambdarium itself failed.",
      "",
      "Examples:",
      "  lambdarium pack src/my-extension.ts",
      "  lambdarium pack my-extension.ts --standalone --architecture arm64 --node ./node-linux-arm64/bin/node",
      "  lambdarium pack target/lambda/extensions/my-extension --architecture arm64 --output layer.zip",
    ].join("\n"),
  },
});
