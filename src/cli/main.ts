#!/usr/bin/env node
/** The command `lambdarium`: nothing but the parser is loaded before it is known what is wanted. */
import { run } from "@stricli/core";
import { application } from "./application.ts";
import { exitCodes, exitCodeOf } from "./exit-codes.ts";
import { givenArguments } from "./given-arguments.ts";
import { failureText, usageHint } from "./failure-text.ts";
import { standardOutput } from "./output.ts";

const { stdout, stderr } = standardOutput;
const parser: { stdout: typeof stdout; stderr: typeof stderr; env: NodeJS.ProcessEnv; exitCode: number | null } = {
  stdout,
  stderr,
  env: process.env,
  exitCode: null,
};

try {
  await run(application, givenArguments(process.argv.slice(2)), { process: parser });
  const code = exitCodeOf(parser.exitCode);
  if (code.usage) stderr.write(`${usageHint(process.argv[2])}\n`);
  // A command that ran has set its own.
  process.exitCode = code.exitCode === exitCodes.success ? process.exitCode : code.exitCode;
  await stdout.settled();
  if (stdout.problem !== undefined) throw stdout.problem;
} catch (error) {
  stderr.write(failureText(error));
  process.exitCode = exitCodes.platformFailed;
}
