/** The control plane's state as invocation sees it. */
import type {
  EventInvokeSettings,
  FunctionChange,
  FunctionDirectory,
  FunctionTarget,
  FunctionUrl,
  ProvisionedTarget,
  Resolution,
  SnapshotOutcome,
} from "../directory.ts";
import { totalReserved } from "../concurrency/limits.ts";
import { functionArn } from "../names/arns.ts";
import { opensUrlToAll } from "../policies/function-policies.ts";
import type { CodeReference, Deployment, FunctionRecord } from "../state/records.ts";
import type { ServiceState } from "../state/service-state.ts";
import { takesSnapshot } from "./deployment.ts";
import { versionOf } from "./find-function.ts";
import type { ExtensionFile, FunctionVersion } from "./function-version.ts";
import { resolveCall } from "./resolve-call.ts";
import { runnableVersion } from "./runnable-version.ts";
import { snapshotTaken } from "./snapshot.ts";

export interface DirectorySources {
  readonly accountId: string;
  readonly state: ServiceState;
  readonly directoryOf: (code: CodeReference) => string;
  readonly extensionFiles: (region: string, name: string) => readonly ExtensionFile[];
  readonly newId: () => string;
  /** Keeps the record and tells those who listen. */
  readonly keep: (record: FunctionRecord) => void;
  readonly onChange: (listener: (change: FunctionChange) => void) => () => void;
}

export function functionDirectory(sources: DirectorySources): FunctionDirectory {
  const { accountId, state, newId } = sources;
  // One object a deployment: pools compare and keep them, and a warm call makes none.
  const runnable = new WeakMap<Deployment, FunctionVersion>();
  const toRun = (record: FunctionRecord, version: string, deployment: Deployment): FunctionVersion => {
    let found = runnable.get(deployment);
    if (found === undefined) {
      const extensionFiles = sources.extensionFiles(record.region, record.name);
      found = runnableVersion(record, version, deployment, { ...sources, extensionFiles });
      runnable.set(deployment, found);
    }
    return found;
  };
  const current = (region: string, name: string, version: string): FunctionVersion | undefined => {
    const record = state.functionNamed(region, name);
    if (record === undefined) return undefined;
    const deployment = version === "$LATEST" ? record.running : versionOf(record, version)?.deployment;
    return deployment === undefined ? undefined : toRun(record, version, deployment);
  };
  return {
    resolve(target: FunctionTarget, chance: number): Resolution {
      const record = state.functionNamed(target.region, target.name);
      const resolved = resolveCall(accountId, record, target, chance);
      if (resolved.kind === "refused") return resolved;
      return {
        kind: "found",
        version: toRun(record!, resolved.version, resolved.deployment),
        invokedArn: functionArn({ region: target.region, accountId }, target.name, target.qualifier),
        ...(resolved.alias === undefined ? {} : { alias: resolved.alias }),
      };
    },
    current,
    reservedConcurrency: (region, name) => state.functionNamed(region, name)?.reserved,
    totalReserved: (region) => totalReserved(state.functionsIn(region)),
    provisioned: () => [...state.allFunctions()].flatMap((record) => provisionedOf(record, current)),
    eventInvokeSettings: ({ region, name, qualifier }) =>
      settingsOf(state.functionNamed(region, name)?.eventInvoke[qualifier ?? "$LATEST"]),
    functionUrl: (id) => functionUrl(state, id),
    snapshotsWanted: () =>
      [...state.allFunctions()].flatMap((record) =>
        record.versions
          .filter(({ state: is, deployment }) => is === "Pending" && takesSnapshot(deployment))
          .filter(() => record.settling === undefined)
          .map(({ version, deployment }) => toRun(record, version, deployment)),
      ),
    snapshotDone({ region, functionName, version, generation }: FunctionVersion, outcome: SnapshotOutcome): void {
      const record = state.functionNamed(region, functionName);
      if (record !== undefined) sources.keep(snapshotTaken(record, version, generation, outcome, newId));
    },
    onChange: sources.onChange,
  };
}

function provisionedOf(record: FunctionRecord, current: FunctionDirectory["current"]): readonly ProvisionedTarget[] {
  const { region, name } = record;
  return Object.entries(record.provisioned).flatMap(([qualifier, { requested }]) => {
    const number = versionOf(record, qualifier)?.version;
    const version = number === undefined ? undefined : current(region, name, number);
    return version === undefined ? [] : [{ region, name, qualifier, version, requested }];
  });
}

function settingsOf(record: FunctionRecord["eventInvoke"][string] | undefined): EventInvokeSettings {
  if (record === undefined) return {};
  const { maximumRetryAttempts, maximumEventAgeSeconds, onSuccess, onFailure } = record;
  return {
    ...(maximumRetryAttempts === undefined ? {} : { maximumRetryAttempts }),
    ...(maximumEventAgeSeconds === undefined ? {} : { maximumEventAgeSeconds }),
    ...(onSuccess === undefined ? {} : { onSuccessArn: onSuccess }),
    ...(onFailure === undefined ? {} : { onFailureArn: onFailure }),
  };
}

function functionUrl(state: ServiceState, id: string): FunctionUrl | undefined {
  for (const record of state.allFunctions())
    for (const [scope, url] of Object.entries(record.urls)) {
      if (url.id !== id) continue;
      const { region, name } = record;
      return {
        id,
        target: { region, name, ...(scope === "$LATEST" ? {} : { qualifier: scope }) },
        authType: url.authType,
        invokeMode: url.invokeMode,
        ...(url.cors === undefined ? {} : { cors: url.cors }),
        openToAll: opensUrlToAll(record, scope),
        targetExists: versionOf(record, scope) !== undefined,
      };
    }
  return undefined;
}
