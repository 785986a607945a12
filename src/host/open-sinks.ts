/** Gives every record of an environment to the sinks, subscribed to or not (OBS-01, OBS-02). */
import type { EnvironmentIdentity, Sink } from "../observability/sinks.ts";
import type { KeptSegment } from "../observability/traces/segment-document.ts";
import { functionArn, type HostedFunction } from "./hosted-function.ts";
import { logStreamName } from "./log-stream.ts";
import type { Records } from "./records.ts";

/** They are closed when no record follows; gives the way to those that take segments. */
export function openSinks(
  sinks: readonly Sink[] = [],
  identity: EnvironmentIdentity,
  records: Records,
): (segment: KeptSegment) => void {
  const opened = sinks.map((sink) => sink.open(identity));
  for (const { accept, close } of opened) records.listen(accept, close);
  return (segment) => {
    for (const { acceptSegment } of opened) acceptSegment?.(segment);
  };
}

export const environmentIdentity = (
  hosted: HostedFunction,
  environmentId: string,
  createdAt: number,
): EnvironmentIdentity => ({
  functionName: hosted.functionName,
  functionVersion: hosted.functionVersion,
  functionArn: functionArn(hosted),
  region: hosted.region,
  accountId: hosted.accountId,
  logGroup: hosted.logGroup,
  logStream: logStreamName(hosted, createdAt, environmentId),
  logFormat: hosted.logFormat,
  systemLogLevel: hosted.systemLogLevel,
  applicationLogLevel: hosted.applicationLogLevel,
  memorySizeMb: hosted.memorySizeMb,
  timeoutMs: hosted.timeoutMs,
  initializationType: hosted.initializationType,
  tracingMode: hosted.tracingMode,
  environmentId,
  runtimeIdentifier: hosted.runtime.identifier,
});
