/** FunctionConfiguration, as every operation that shows a function gives it. */
import { createHash } from "node:crypto";
import { functionArn } from "../names/arns.ts";
import type { CodeMeasure, FunctionRecord, VersionRecord } from "../state/records.ts";
import { offsetTime } from "../times.ts";

interface Place {
  readonly accountId: string;
}

/** `qualifier` as the request named it; `measure` of the code when it was read anew. */
export function renderConfiguration(
  { accountId }: Place,
  record: FunctionRecord,
  version: VersionRecord,
  { qualifier, measure }: { readonly qualifier?: string | undefined; readonly measure?: CodeMeasure | undefined } = {},
): object {
  return { ...renderListed({ accountId }, record, version, { qualifier, measure }), ...renderState(version) };
}

/** As lists show it: without its state (SVC-40). */
export function renderListed(
  { accountId }: Place,
  record: FunctionRecord,
  version: VersionRecord,
  { qualifier, measure }: { readonly qualifier?: string | undefined; readonly measure?: CodeMeasure | undefined } = {},
): object {
  const { configuration, code, layers } = version.deployment;
  const { sha256, sizeBytes } = measure ?? code;
  const published = version.version !== "$LATEST" && configuration.SnapStart.ApplyOn === "PublishedVersions";
  return {
    FunctionName: record.name,
    FunctionArn: functionArn({ region: record.region, accountId }, record.name, qualifier),
    ...configuration,
    // SVC-115
    SnapStart: { ...configuration.SnapStart, OptimizationStatus: published ? "On" : "Off" },
    CodeSize: sizeBytes,
    CodeSha256: sha256,
    LastModified: offsetTime(version.lastModifiedMs),
    Version: version.version,
    RevisionId: version.revisionId,
    PackageType: "Zip",
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(record.region, configuration.Runtime) },
    ...(layers.length === 0 ? {} : { Layers: layers.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.sizeBytes })) }),
  };
}

function renderState({ state, stateProblem, lastUpdate, updateProblem }: VersionRecord): object {
  return {
    State: state,
    ...(stateProblem === undefined ? {} : { StateReason: stateProblem.reason, StateReasonCode: stateProblem.code }),
    ...(lastUpdate === undefined ? {} : { LastUpdateStatus: lastUpdate }),
    ...(updateProblem === undefined
      ? {}
      : { LastUpdateStatusReason: updateProblem.reason, LastUpdateStatusReasonCode: updateProblem.code }),
  };
}

/** SVC-34 */
export const runtimeVersionArn = (region: string, runtime: string): string =>
  `arn:aws:lambda:${region}::runtime:${createHash("sha256").update(runtime).digest("hex")}`;
