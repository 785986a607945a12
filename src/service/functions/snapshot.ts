/** The end of a published version's snapshot initialization (SVC-115). */
import type { SnapshotOutcome } from "../directory.ts";
import type { FunctionRecord, VersionRecord } from "../state/records.ts";

export function snapshotTaken(
  record: FunctionRecord,
  number: string,
  generation: string,
  outcome: SnapshotOutcome,
  newId: () => string,
): FunctionRecord {
  const done = (version: VersionRecord): VersionRecord => {
    const { stateProblem: _, ...rest } = version;
    return outcome.kind === "taken"
      ? { ...rest, revisionId: newId(), state: "Active", lastUpdate: "Successful" }
      : {
          ...rest,
          revisionId: newId(),
          state: "Failed",
          stateProblem: { reason: outcome.reason, code: "FunctionError" },
        };
  };
  const waits = ({ version, state, deployment }: VersionRecord): boolean =>
    version === number && state === "Pending" && deployment.generation === generation;
  return { ...record, versions: record.versions.map((version) => (waits(version) ? done(version) : version)) };
}
