/** `lambdarium metrics`: metrics that were kept, as a table for each function and set of dimensions. */
import { summarizeStoredMetrics } from "../service/stored-metrics.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import type { MetricsFlags } from "./metrics-command.ts";
import { metricLines } from "./metrics-text.ts";
import { standardOutput } from "./output.ts";

/** Characters of a course. */
const periods = 20;

export async function metrics(flags: MetricsFlags, functionName?: string): Promise<void> {
  const { stdout, stderr } = standardOutput;
  const nowMs = Date.now();
  try {
    const summaries = await summarizeStoredMetrics(flags["data-dir"] ?? ".lambdarium", {
      sinceMs: flags.since(nowMs),
      nowMs,
      periods,
      ...(functionName === undefined ? {} : { functionName }),
    });
    if (flags.json === true) stdout.write(`${JSON.stringify({ metrics: summaries }, undefined, 2)}\n`);
    else for (const line of metricLines(summaries, stdout)) stdout.write(`${line}\n`);
  } catch (error) {
    stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}
