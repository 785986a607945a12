/** `lambdarium traces`: what a service has kept of X-Ray, read while it runs or after it. */
import { failure } from "../errors.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { readStoredTraces } from "../service/stored-traces.ts";
import { standardOutput } from "./output.ts";
import { traceDocument } from "./trace-document.ts";
import { traceListLines, traceLines } from "./trace-text.ts";
import type { TracesFlags } from "./traces-command.ts";

export async function traces(flags: TracesFlags, id?: string): Promise<void> {
  const { stdout, stderr } = standardOutput;
  try {
    const text = await textOf(flags, id, { columns: stdout.columns, colour: stdout.colour });
    stdout.write(text);
  } catch (error) {
    stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

async function textOf(
  { "data-dir": directory = ".lambdarium", count, json }: TracesFlags,
  id: string | undefined,
  shape: { readonly columns: number | undefined; readonly colour: boolean },
): Promise<string> {
  if (id === undefined) {
    const found = await readStoredTraces(directory, { newest: count });
    return json ? documentText(found.map(traceDocument)) : joined(traceListLines(found, shape));
  }
  const [trace] = await readStoredTraces(directory, { id });
  if (trace === undefined) throw failure("trace-not-found", { id, directory });
  return json ? documentText(traceDocument(trace)) : joined(traceLines(trace, shape));
}

const documentText = (found: unknown): string => `${JSON.stringify(found, undefined, 2)}\n`;

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
