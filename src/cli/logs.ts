/** `lambdarium logs`: log events that were kept, as lines. */
import { openStoredLogs, type StoredLogEvent, type StoredLogs } from "../service/stored-logs.ts";
import { exitCodeOfFailure } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import type { LogsFlags } from "./logs-command.ts";
import { type Output, standardOutput } from "./output.ts";

export async function logs(flags: LogsFlags, functionName?: string): Promise<void> {
  const output = standardOutput;
  let stored: StoredLogs | undefined;
  try {
    stored = await openStoredLogs(flags["data-dir"] ?? ".lambdarium");
    await show(stored, flags, functionName, output);
  } catch (error) {
    output.stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  } finally {
    await stored?.close();
  }
}

async function show(
  stored: StoredLogs,
  flags: LogsFlags,
  functionName: string | undefined,
  output: Output,
): Promise<void> {
  const query = {
    since: flags.since(Date.now()),
    pattern: flags.filter ?? "",
    ...(functionName === undefined ? {} : { functionName }),
  };
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  if (flags.follow === true) process.once("SIGINT", stop).once("SIGTERM", stop);
  const several = (await stored.groups()).length > 1;
  const events = flags.follow === true ? stored.follow(query, stopped.signal) : stored.read(query);
  for await (const event of events) {
    // Nobody reads any more.
    if (output.stdout.closed || stopped.signal.aborted) break;
    output.stdout.write(flags.json === true ? jsonOf(event) : lineOf(event, several, output));
  }
}

function jsonOf({ timestamp, ingestionTime, region, logGroup, logStream, message }: StoredLogEvent): string {
  return `${JSON.stringify({ timestamp, ingestionTime, region, logGroup, logStream, message })}\n`;
}

/** Named by its function where there are several; a message of many lines keeps them. */
function lineOf(event: StoredLogEvent, several: boolean, { stdout }: Output): string {
  const time = new Date(event.timestamp).toISOString();
  const name = several ? ` ${event.logGroup.replace(/^\/aws\/lambda\//, "")}` : "";
  const head = stdout.colour ? `\u001B[90m${time}${name}\u001B[39m` : `${time}${name}`;
  return `${head} ${event.message.replace(/\r?\n$/, "")}\n`;
}
