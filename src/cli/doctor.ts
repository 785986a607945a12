/** `lambdarium doctor`: what this machine offers, and how to get what it does not. */
import { machineReport } from "../testing/machine-report.ts";
import { machineLines } from "./machine-text.ts";
import type { DoctorFlags } from "./doctor-command.ts";
import { standardOutput } from "./output.ts";

export async function doctor({ json }: DoctorFlags): Promise<void> {
  const { stdout } = standardOutput;
  const report = await machineReport();
  if (json) stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else stdout.write(`${machineLines(report, { columns: stdout.columns, colour: stdout.colour }).join("\n")}\n`);
}
