/** How a function goes from asked for to ready, and what runs meanwhile (SVC-81 to SVC-93). */
import { functionArn } from "../names/arns.ts";
import { conflict, refusal } from "../refusal.ts";
import type { Deployment, FunctionRecord, Problem, VersionRecord } from "../state/records.ts";

/** Time and chance of a command. */
export interface Moment {
  readonly nowMs: number;
  readonly newId: () => string;
}

interface Delay {
  readonly deployDelayMs: number;
}

const underWay: Problem = { reason: "The function is being created.", code: "Creating" };

export const createdVersion = (deployment: Deployment, { nowMs, newId }: Moment): VersionRecord => ({
  version: "$LATEST",
  deployment,
  revisionId: newId(),
  lastModifiedMs: nowMs,
  state: "Pending",
  stateProblem: underWay,
});

/** `$LATEST` is to become `deployment`; what runs stays until `settled`. */
export function deploying(
  record: FunctionRecord,
  deployment: Deployment,
  problem: Problem | undefined,
  { nowMs, newId }: Moment,
  { deployDelayMs }: Delay,
): FunctionRecord {
  return {
    ...record,
    latest: {
      ...record.latest,
      deployment,
      revisionId: newId(),
      lastModifiedMs: nowMs,
      lastUpdate: "InProgress",
      updateProblem: underWay,
    },
    settling: settlingAt(nowMs + deployDelayMs, problem),
  };
}

export const settlingAt = (atMs: number, problem: Problem | undefined): { atMs: number; problem?: Problem } => ({
  atMs,
  ...(problem === undefined ? {} : { problem }),
});

/** The end of what `settling` waits for: ready, or failed with its reason. */
export function settled(record: FunctionRecord, { newId }: Pick<Moment, "newId">): FunctionRecord {
  const { settling, ...rest } = record;
  const { stateProblem: _state, updateProblem: _update, ...latest } = record.latest;
  const problem = settling?.problem;
  const revisionId = newId();
  if (problem === undefined)
    return {
      ...rest,
      running: latest.deployment,
      latest: { ...latest, revisionId, state: "Active", lastUpdate: "Successful" },
      versions: record.versions.map(ready),
    };
  // SVC-84: what ran goes on; a function that never ran has failed as a whole.
  return {
    ...rest,
    latest: {
      ...latest,
      revisionId,
      ...(record.running === undefined ? { state: "Failed", stateProblem: problem } : {}),
      ...(latest.lastUpdate === undefined ? {} : { lastUpdate: "Failed", updateProblem: problem }),
    },
    versions: record.versions.map((version) =>
      version.state === "Pending" ? { ...version, state: "Failed", stateProblem: problem } : version,
    ),
  };
}

/** `$LATEST` with the same deployment under another generation; for a publication nothing has changed (SVC-99). */
export function renewed(record: FunctionRecord, running: Deployment, generation: string): FunctionRecord {
  const { published, latest, settling } = record;
  const anew = { ...running, generation };
  if (settling !== undefined || latest.deployment.generation !== running.generation)
    return { ...record, running: anew };
  return {
    ...record,
    running: anew,
    latest: { ...latest, deployment: anew },
    ...(published?.generation === running.generation ? { published: { ...published, generation } } : {}),
  };
}

/** A version published together with its function waits for nothing but a snapshot (SVC-115). */
function ready(version: VersionRecord): VersionRecord {
  if (version.state !== "Pending" || takesSnapshot(version.deployment)) return version;
  const { stateProblem: _, ...rest } = version;
  return { ...rest, state: "Active", lastUpdate: "Successful" };
}

export const takesSnapshot = ({ configuration }: Deployment): boolean =>
  configuration.SnapStart.ApplyOn === "PublishedVersions";

/** @throws Refusal while a creation or an update is in progress (SVC-85, SVC-92). */
export function requireSettled(record: FunctionRecord, accountId: string): void {
  const cannot = "The operation cannot be performed at this time.";
  if (record.latest.state === "Pending")
    throw conflict(`${cannot} The function is currently in the following state: Pending`);
  if (record.settling !== undefined)
    throw conflict(
      `${cannot} An update is in progress for resource: ${functionArn({ region: record.region, accountId }, record.name)}`,
    );
}

/** @throws Refusal for a revision that is not the current one (SVC-94). */
export function requireRevision(given: string | undefined, current: string): void {
  if (given !== undefined && given !== current)
    throw refusal(
      "PreconditionFailedException",
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    );
}
