/** A new version of a function: an immutable copy of what `$LATEST` is deployed as (SVC-98, SVC-101). */
import { takesSnapshot, type Moment } from "../functions/deployment.ts";
import type { CodeReference, Deployment, FunctionRecord, Problem, VersionRecord } from "../state/records.ts";

interface Published {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
}

/** `code` is what the version keeps: never a directory that changes. */
export function publish(
  record: FunctionRecord,
  code: CodeReference,
  description: string | undefined,
  { nowMs, newId }: Moment,
): Published {
  const { deployment } = record.latest;
  const number = String(record.lastVersion + 1);
  const frozen: Deployment = {
    // Of its own: environments belong to one version (SVC-225).
    generation: newId(),
    configuration: { ...deployment.configuration, ...(description === undefined ? {} : { Description: description }) },
    code,
    layers: deployment.layers,
  };
  const version: VersionRecord = {
    version: number,
    deployment: frozen,
    revisionId: newId(),
    lastModifiedMs: nowMs,
    ...(record.settling === undefined && !takesSnapshot(frozen)
      ? { state: "Active", lastUpdate: "Successful" }
      : { state: "Pending", stateProblem: waiting }),
  };
  return {
    version,
    record: {
      ...record,
      latest: { ...record.latest, revisionId: newId() },
      lastVersion: record.lastVersion + 1,
      published: { version: number, generation: deployment.generation },
      versions: [...record.versions, version],
    },
  };
}

const waiting: Problem = { reason: "The function is being created.", code: "Creating" };
