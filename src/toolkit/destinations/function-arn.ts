/** The function's name of names. */
import type { Origin } from "./destination.ts";

/** Without version; undefined where the platform did not say the account, as some emulators do not. */
export function functionArn({ accountId, region, functionName }: Origin): string | undefined {
  if (accountId === undefined || region === "") return undefined;
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return `arn:${partition}:lambda:${region}:${accountId}:function:${functionName}`;
}
