/** From the ARNs a function names to the layer versions it is deployed with (SVC-74 to SVC-77, SVC-120, SVC-126). */
import type { ControlCall } from "../control-operation.ts";
import { mostUnpackedBytes } from "../code/live-directory.ts";
import { parseLayerName } from "../names/arns.ts";
import { invalidValue } from "../refusal.ts";
import type { AttachedLayer, CodeReference, LayerVersionRecord } from "../state/records.ts";

type Place = Pick<ControlCall, "region" | "accountId" | "view" | "mappedLayers">;

/**
 * `kept` are those the function has already: they stay although their version was deleted.
 * @throws Refusal
 */
export function attachLayers(
  arns: readonly string[],
  place: Place,
  kept: readonly AttachedLayer[] = [],
): readonly AttachedLayer[] {
  const seen = new Map<string, string>();
  for (const arn of arns) {
    const layer = arn.slice(0, arn.lastIndexOf(":"));
    const other = seen.get(layer);
    if (other !== undefined)
      throw invalidValue(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    seen.set(layer, arn);
  }
  return arns.map((arn) => kept.find((layer) => layer.arn === arn) ?? { arn, code: requireLayer(arn, place).code });
}

function requireLayer(arn: string, place: Place): LayerVersionRecord {
  const mapped = place.mappedLayers.get(arn);
  if (mapped !== undefined) return mapped;
  const { region, accountId, name, version } = parseLayerName(arn);
  if (region !== place.region)
    throw invalidValue(
      `Layers are not in the same region as the function. Layers are expected to be in region ${place.region}.`,
    );
  const found =
    accountId === place.accountId
      ? place.view.layerNamed(place.region, name)?.versions.find((candidate) => candidate.version === version)
      : undefined;
  if (found === undefined) throw invalidValue(`Layer version ${arn} does not exist.`);
  return found;
}

/** @throws Refusal (SVC-77) */
export function checkTotalSize(code: CodeReference, layers: readonly AttachedLayer[]): void {
  const total = layers.reduce((sum, layer) => sum + layer.code.unpackedBytes, code.unpackedBytes);
  if (total > mostUnpackedBytes)
    throw invalidValue(
      `Function code combined with layers exceeds the maximum allowed size of ${mostUnpackedBytes} bytes. The actual size is ${total} bytes.`,
    );
}
