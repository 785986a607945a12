/** `lambdarium create`: its options. */
import { buildCommand } from "@stricli/core";

export const createCommand = buildCommand<object, [string, string]>({
  loader: async () => (await import("./create.ts")).create,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, placeholder: "KIND", brief: "extension or function" },
        { parse: String, placeholder: "NAME", brief: "Its name, and that of the new directory" },
      ],
    },
  },
  docs: {
    brief: "Begin a project of an extension or a function, with a test",
    fullDescription: [
      "Makes the directory NAME with an extension in TypeScript, or a function, a test that runs it in real environments, a",
      "README file, and scripts: `npm test`, `npm run try`, `npm run pack`. It overwrites nothing.",
      "",
      "Exit status: 0 made; 2 bad usage, or something is there already; 3 Lambdarium itself failed.",
      "",
      "Examples:",
      "  lambdarium create extension my-extension",
      "  lambdarium create function my-function",
    ].join("\n"),
  },
});
