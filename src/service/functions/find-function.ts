/** The function, version or alias that a request means, or AWS's words for that there is none (SVC-29). */
import type { FunctionTarget } from "../directory.ts";
import { functionArn } from "../names/arns.ts";
import { isVersionNumber, parseTarget } from "../names/function-names.ts";
import { invalidValue, notFound, type Refusal } from "../refusal.ts";
import type { FunctionRecord, VersionRecord } from "../state/records.ts";
import type { ServiceView } from "../state/service-state.ts";

interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly view: ServiceView;
}

/** @throws Refusal for names that cannot be here. */
export const targetOf = (
  { FunctionName, Qualifier }: { readonly FunctionName: string; readonly Qualifier?: string },
  place: Place,
): FunctionTarget => parseTarget(FunctionName, Qualifier, place);

export const functionNotFound = (place: Place, { name, qualifier }: FunctionTarget): Refusal =>
  notFound(`Function not found: ${functionArn(place, name, qualifier)}`);

/**
 * The function, whatever the qualifier.
 * @throws Refusal
 */
export function requireFunction(place: Place, target: FunctionTarget): FunctionRecord {
  const record = place.view.functionNamed(place.region, target.name);
  if (record === undefined) throw functionNotFound(place, target);
  return record;
}

export interface FoundVersion {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
}

/**
 * The version that the qualifier means; an alias means its primary one (SVC-111).
 * @throws Refusal
 */
export function requireVersion(place: Place, target: FunctionTarget): FoundVersion {
  const record = requireFunction(place, target);
  const version = versionOf(record, target.qualifier);
  if (version === undefined) throw functionNotFound(place, target);
  return { record, version };
}

export function versionOf(record: FunctionRecord, qualifier: string | undefined): VersionRecord | undefined {
  if (qualifier === undefined || qualifier === "$LATEST") return record.latest;
  const number = isVersionNumber(qualifier) ? qualifier : record.aliases[qualifier]?.version;
  if (number === "$LATEST") return record.latest;
  return record.versions.find(({ version }) => version === number);
}

/** @throws Refusal when the request names a version or an alias, which cannot be changed (SVC-97). */
export function requireUnqualified({ qualifier }: FunctionTarget, doing: string): void {
  if (qualifier !== undefined && qualifier !== "$LATEST")
    throw invalidValue(`${doing} applies to functions only: the qualifier ${qualifier} cannot be given.`);
}
