/** `lambdarium traces`: what a service has kept of X-Ray, read while it runs or after it. */
import { failure } from "../errors.ts";
import { readStoredTraces, type Trace } from "../testing/stored-traces.ts";
import { standardOutput } from "./output.ts";
import { traceListLines, traceLines } from "./trace-text.ts";
import type { TracesFlags } from "./traces-command.ts";

export async function traces(
  { "data-dir": directory = ".lambdarium", count, json }: TracesFlags,
  id?: string,
): Promise<void> {
  const { stdout } = standardOutput;
  const print = (found: unknown): void => void stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
  const shape = { columns: stdout.columns, colour: stdout.colour };
  if (id === undefined) {
    const found = await readStoredTraces(directory, { newest: count });
    if (json) print(found.map(documentOf));
    else stdout.write(joined(traceListLines(found, shape)));
    return;
  }
  const [trace] = await readStoredTraces(directory, { id });
  if (trace === undefined) throw failure("trace-not-found", { id, directory });
  if (json) print(documentOf(trace));
  else stdout.write(joined(traceLines(trace, shape)));
}

/** The tree alone: in the list of segments everything would be twice. */
const documentOf = ({ segments: _, find: __, ...trace }: Trace) => trace;

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
