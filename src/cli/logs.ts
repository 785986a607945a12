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
  const groups = new Set((await stored.groups()).map(({ name }) => name));
  if (functionName !== undefined && ![...groups].some((group) => nameOf(group) === nameOf(functionName)))
    output.stderr.write(unknownText(functionName, groups));
  const events = flags.follow === true ? stored.follow(query, stopped.signal) : stored.read(query);
  let isEmpty = true;
  for await (const event of events) {
    // Nobody reads any more.
    if (output.stdout.closed || stopped.signal.aborted) break;
    isEmpty = false;
    // Others may begin to write while this goes on.
    groups.add(event.logGroup);
    const isNamed = functionName === undefined && groups.size > 1;
    output.stdout.write(flags.json === true ? jsonOf(event) : lineOf(event, isNamed, output));
  }
  if (isEmpty && flags.follow !== true)
    output.stderr.write(`No log events since ${new Date(query.since).toISOString()} match.\n`);
}

const nameOf = (group: string): string => group.replace(/^\/aws\/lambda\//, "");

/** It may write to a group that functions share, or begin to later. */
function unknownText(functionName: string, groups: ReadonlySet<string>): string {
  const known = groups.size === 0 ? "There are none yet." : `There are ${[...groups].map(nameOf).join(", ")}.`;
  return `No log group has the name ${functionName}. ${known}\n`;
}

function jsonOf({ timestamp, ingestionTime, region, logGroup, logStream, message }: StoredLogEvent): string {
  return `${JSON.stringify({ timestamp, ingestionTime, region, logGroup, logStream, message })}\n`;
}

/** A message of many lines keeps them. */
function lineOf(event: StoredLogEvent, isNamed: boolean, { stdout }: Output): string {
  const time = new Date(event.timestamp).toISOString();
  const name = isNamed ? ` ${nameOf(event.logGroup)}` : "";
  const head = stdout.colour ? `\u001B[90m${time}${name}\u001B[39m` : `${time}${name}`;
  return `${head} ${event.message.replace(/\r?\n$/, "")}\n`;
}
