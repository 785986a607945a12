/** The layer or layer version that a request means. */
import type { ControlCall } from "../control-operation.ts";
import { layerArn, parseLayerName } from "../names/arns.ts";
import { invalidValue, notFound, refusal, type Refusal } from "../refusal.ts";
import type { LayerVersionRecord } from "../state/records.ts";

export const layerNotFound = (): Refusal => notFound("The resource you requested does not exist.");

/**
 * The name of a layer of this account and region, from a name or an ARN.
 * @throws Refusal
 */
export function requireOwnLayer(given: string, { region, accountId }: ControlCall): string {
  const layer = parseLayerName(given);
  if (layer.region !== undefined && layer.region !== region)
    throw notFound(`Layers from '${layer.region}' are not reachable in this region ('${region}')`);
  if (layer.accountId !== undefined && layer.accountId !== accountId)
    throw refusal("AccessDeniedException", `Account ${layer.accountId} is not ${accountId}, whose layers are here.`);
  return layer.name;
}

/** @throws Refusal (SVC-118) */
export function findLayerVersion(
  { LayerName, VersionNumber }: { readonly LayerName: string; readonly VersionNumber: number },
  call: ControlCall,
): { readonly name: string; readonly arn: string; readonly version: LayerVersionRecord } {
  const name = requireOwnLayer(LayerName, call);
  if (VersionNumber < 1) throw invalidValue("Layer Version Cannot be less than 1");
  const version = call.view
    .layerNamed(call.region, name)
    ?.versions.find((candidate) => candidate.version === VersionNumber);
  if (version === undefined) throw layerNotFound();
  return { name, arn: layerArn(call, name), version };
}
