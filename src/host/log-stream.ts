/** Names of an environment's log stream and of its function's log group (OBS-04, OBS-05, OBS-07). */
import type { HostedFunction } from "./hosted-function.ts";

export const logGroupName = (functionName: string): string => `/aws/lambda/${functionName}`;

/** `randomHex`: 32 lower-case hex digits, one set an environment. */
export function logStreamName(
  { functionName, functionVersion, logGroup }: Pick<HostedFunction, "functionName" | "functionVersion" | "logGroup">,
  createdAt: number,
  randomHex: string,
): string {
  const [day = ""] = new Date(createdAt).toISOString().split("T");
  // A group that functions share has to tell them apart.
  const owner = logGroup === logGroupName(functionName) ? "" : functionName;
  return `${day.replaceAll("-", "/")}/${owner}[${functionVersion}]${randomHex}`;
}
