/** `lambdarium pack`: from an extension to a layer's archive. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { type PackedLayer, packExtension, type PackRequest } from "../packing/pack-extension.ts";
import { exitCodeOfFailure, exitCodes } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { reasonOf } from "./file-problem.ts";
import { standardOutput } from "./output.ts";
import type { PackFlags } from "./pack-command.ts";
import { findingLines, packedDocument, packedLines } from "./packed-text.ts";

export async function pack(flags: PackFlags, entry: string): Promise<void> {
  const { stdout, stderr } = standardOutput;
  try {
    const packed = await packExtension(requestOf(flags, entry));
    const output = packed.archive && (await write(packed.archive, flags.output ?? `${packed.name}.zip`));
    if (flags.json) stdout.write(`${JSON.stringify(packedDocument(packed, output), undefined, 2)}\n`);
    if (output === undefined) {
      process.exitCode = exitCodes.badUsage;
      if (!flags.json) stderr.write(failureText(refused(packed)));
      return;
    }
    if (flags.json) return;
    for (const line of packed.findings.flatMap(findingLines)) stderr.write(`${line}\n`);
    stdout.write(`${packedLines(packed, output, flags.function ? "function" : "layer").join("\n")}\n`);
  } catch (error) {
    stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

function requestOf(flags: PackFlags, entry: string): PackRequest {
  const { name, architecture, "compatible-runtimes": runtimes, standalone, node, function: code } = flags;
  if (node !== undefined && !standalone)
    throw failure("option-invalid", { option: "--node", value: node, why: "it goes with --standalone" });
  for (const runtime of runtimes ?? [])
    if (!/^(nodejs|python|ruby|java|dotnet|provided)[\w.]*$/.test(runtime))
      throw failure("option-invalid", {
        option: "--compatible-runtimes",
        value: runtime,
        why: "a runtime is called as nodejs22.x, python3.13 or provided.al2023 are",
      });
  return {
    entry,
    of: code ? "function" : "layer",
    ...(name === undefined ? {} : { name }),
    ...(architecture === undefined ? {} : { architectures: [...new Set(architecture)] }),
    ...(runtimes === undefined ? {} : { runtimes }),
    ...(standalone ? { standalone: node ?? true } : {}),
  };
}

const refused = ({ findings }: PackedLayer) =>
  failure("layer-refused", { problems: findings.flatMap(findingLines).join("\n") });

/** Whole or not at all. @throws LambdariumError `output-unwritable` */
async function write(archive: Buffer, given: string): Promise<string> {
  const file = path.resolve(given);
  const unfinished = `${file}.${process.pid}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(unfinished, archive);
    await rename(unfinished, file);
    return given;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw failure("output-unwritable", { what: `The archive ${given}`, why: reasonOf(error) }, error);
  }
}
