/** Aliases that lead to two versions (SVC-112 to SVC-114). */
import type { Input } from "../model/operations.ts";
import { invalidValue } from "../refusal.ts";
import type { AliasRecord, FunctionRecord } from "../state/records.ts";

/**
 * The weight that is asked for; `{}` and an empty map mean none (SVC-109).
 * @throws Refusal
 */
export function weightOf(routing: Input<"CreateAlias">["RoutingConfig"]): AliasRecord["weight"] {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {});
  if (weights.length > 1) throw invalidValue("Number of items in AdditionalVersionWeights cannot be greater than 1");
  const [weight] = weights;
  return weight === undefined ? undefined : { version: weight[0], share: weight[1] };
}

/** @throws Refusal for versions that cannot stand for one another. */
export function requireRoutable(record: FunctionRecord, { version, weight }: AliasRecord): void {
  if (weight === undefined) return;
  if (version === "$LATEST")
    throw invalidValue("$LATEST is not supported for an alias pointing to more than 1 version");
  if (weight.version === version)
    throw invalidValue(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  const [primary, additional] = [version, weight.version].map(
    (number) => record.versions.find((candidate) => candidate.version === number)?.deployment.configuration,
  );
  if (primary?.Role !== additional?.Role)
    throw invalidValue(`Versions ${version} and ${weight.version} of one alias must have the same Role.`);
  if (primary?.DeadLetterConfig?.TargetArn !== additional?.DeadLetterConfig?.TargetArn)
    throw invalidValue(`Versions ${version} and ${weight.version} of one alias must have the same dead-letter target.`);
}

/** Which version a call of the alias runs; `chance` is from 0 to below 1. */
export const versionByChance = ({ version, weight }: AliasRecord, chance: number): string =>
  weight !== undefined && chance < weight.share ? weight.version : version;
