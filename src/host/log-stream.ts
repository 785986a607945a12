/** Names of an environment's log stream and of its function's log group (OBS-04, OBS-05). */

export const logGroupName = (functionName: string): string => `/aws/lambda/${functionName}`;

/** `randomHex`: 32 lower-case hex digits, one set an environment. */
export function logStreamName(createdAt: number, functionVersion: string, randomHex: string): string {
  const [day = ""] = new Date(createdAt).toISOString().split("T");
  return `${day.replaceAll("-", "/")}/[${functionVersion}]${randomHex}`;
}
