/** Errors as a user reads them: what happened, then what to do; a stack trace only for a defect of ours, and last. */
import { LambdariumError } from "../errors.ts";

export function failureText(error: unknown): string {
  if (error instanceof LambdariumError) {
    const trace = error.mendedBy === "lambdarium" ? `\n${traceOf(error.cause)}` : "";
    return `error: ${error.message}\nhint: ${error.hint}${trace}\n`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `error: Lambdarium failed: ${message}\nhint: This is a defect of Lambdarium: please report it with what follows.\n${traceOf(error)}\n`;
}

const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const commands: ReadonlySet<string> = new Set(["invoke", "start", "exec", "compare", "create", "pack", "doctor"]);

/** After the parser's own message. */
export const usageHint = (command: string | undefined): string =>
  `hint: \`lambdarium ${command !== undefined && commands.has(command) ? `${command} ` : ""}--help\` shows what can be given.`;
