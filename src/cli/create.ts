/** `lambdarium create`: a new project. */
import { readFileSync } from "node:fs";
import { failure } from "../errors.ts";
import { extensionProject } from "../scaffold/extension-project.ts";
import { functionProject } from "../scaffold/function-project.ts";
import type { ProjectFiles } from "../scaffold/project-files.ts";
import { writeProject } from "../scaffold/write-project.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { standardOutput } from "./output.ts";

export async function create(_: object, kind: string, name: string): Promise<void> {
  const { stdout, stderr } = standardOutput;
  try {
    const files = filesOf(kind, name);
    await writeProject(name, files);
    stdout.write(
      `${Object.keys(files)
        .map((file) => `${name}/${file}`)
        .join("\n")}\n\n`,
    );
    stdout.write(`Next:  cd ${name} && npm install && npm test\n`);
  } catch (error) {
    stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

/** @throws LambdariumError `option-invalid` */
function filesOf(kind: string, name: string): ProjectFiles {
  if (kind !== "extension" && kind !== "function")
    throw failure("option-invalid", { option: "KIND", value: kind, why: "it is extension or function" });
  // A function's names are fewer than an extension's; neither is a path, nor begins as an option or a hidden file does.
  if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(name))
    throw failure("option-invalid", {
      option: "NAME",
      value: name,
      why: "it has 1 to 64 letters, digits, - and _, and begins with a letter or a digit",
    });
  const project = { name, version: ownVersion() };
  return kind === "extension" ? extensionProject(project) : functionProject(project);
}

function ownVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
