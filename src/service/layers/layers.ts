/** Layers (SVC-116 to SVC-120, SVC-125, SVC-126). */
import { checkSource } from "../code/package-source.ts";
import { type Answer, type ControlCall, gathering } from "../control-operation.ts";
import type { Input } from "../model/operations.ts";
import { layerArn, parseLayerName } from "../names/arns.ts";
import { byNumberDown, page } from "../page.ts";
import { invalidValue } from "../refusal.ts";
import type { CodeReference, LayerRecord, LayerVersionRecord } from "../state/records.ts";
import { findLayerVersion, layerNotFound, requireOwnLayer } from "./find-layer.ts";
import { renderLayerVersion } from "./render-layer.ts";

export const publishLayerVersion = gathering<Input<"PublishLayerVersion">, CodeReference>(
  async (given, call, sources) => {
    requireOwnLayer(given.LayerName, call);
    checkSource(given.Content);
    return sources.receive(given.Content);
  },
  (given, call, code) => {
    const name = requireOwnLayer(given.LayerName, call);
    const former = call.view.layerNamed(call.region, name);
    const version: LayerVersionRecord = {
      version: (former?.lastVersion ?? 0) + 1,
      code,
      description: given.Description ?? "",
      createdMs: call.nowMs,
      ...(given.CompatibleRuntimes === undefined ? {} : { compatibleRuntimes: given.CompatibleRuntimes }),
      ...(given.CompatibleArchitectures === undefined
        ? {}
        : { compatibleArchitectures: given.CompatibleArchitectures }),
      ...(given.LicenseInfo === undefined ? {} : { licenseInfo: given.LicenseInfo }),
    };
    const record: LayerRecord = {
      region: call.region,
      name,
      lastVersion: version.version,
      versions: [...(former?.versions ?? []), version],
    };
    return {
      body: renderLayerVersion(call, layerArn(call, name), version, true),
      changes: [{ kind: "layer", record }],
    };
  },
);

export function getLayerVersion(given: Input<"GetLayerVersion">, call: ControlCall): Answer {
  const { arn, version } = findLayerVersion(given, call);
  return { body: renderLayerVersion(call, arn, version, true) };
}

export function getLayerVersionByArn({ Arn }: Input<"GetLayerVersionByArn">, call: ControlCall): Answer {
  const layer = Arn.slice(0, Arn.lastIndexOf(":"));
  const mapped = call.mappedLayers.get(Arn);
  if (mapped !== undefined) return { body: renderLayerVersion(call, layer, mapped, true) };
  const { accountId, region, name, version } = parseLayerName(Arn);
  if (accountId !== call.accountId || region !== call.region) throw layerNotFound();
  return getLayerVersion({ LayerName: name, VersionNumber: version! }, call);
}

export function listLayerVersions(given: Input<"ListLayerVersions">, call: ControlCall): Answer {
  const name = requireOwnLayer(given.LayerName, call);
  const versions = [...(call.view.layerNamed(call.region, name)?.versions ?? [])].reverse();
  const { items, ...rest } = page(
    versions.filter((version) => isCompatible(version, given)),
    ({ version }) => String(version),
    given,
    { compare: byNumberDown },
  );
  const arn = layerArn(call, name);
  return { body: { LayerVersions: items.map((version) => renderLayerVersion(call, arn, version, false)), ...rest } };
}

/** SVC-119: a filter looks at the newest version only. */
export function listLayers(given: Input<"ListLayers">, call: ControlCall): Answer {
  const layers = call.view.layersIn(call.region).flatMap(({ name, versions }) => {
    const newest = versions.at(-1);
    return newest !== undefined && isCompatible(newest, given) ? [{ name, newest }] : [];
  });
  const { items, ...rest } = page(layers, ({ name }) => name, given);
  const render = ({ name, newest }: (typeof layers)[number]): object => ({
    LayerName: name,
    LayerArn: layerArn(call, name),
    LatestMatchingVersion: renderLayerVersion(call, layerArn(call, name), newest, false),
  });
  return { body: { Layers: items.map(render), ...rest } };
}

export function deleteLayerVersion(given: Input<"DeleteLayerVersion">, call: ControlCall): Answer {
  const name = requireOwnLayer(given.LayerName, call);
  if (given.VersionNumber < 1) throw invalidValue("Layer Version Cannot be less than 1");
  const record = call.view.layerNamed(call.region, name);
  if (record === undefined) return {};
  const versions = record.versions.filter(({ version }) => version !== given.VersionNumber);
  return { changes: [{ kind: "layer", record: { ...record, versions } }] };
}

interface Filter {
  readonly CompatibleRuntime?: string;
  readonly CompatibleArchitecture?: string;
}

const isCompatible = (
  { compatibleRuntimes, compatibleArchitectures }: LayerVersionRecord,
  { CompatibleRuntime, CompatibleArchitecture }: Filter,
): boolean =>
  (CompatibleRuntime === undefined || compatibleRuntimes?.includes(CompatibleRuntime) === true) &&
  (CompatibleArchitecture === undefined || compatibleArchitectures?.includes(CompatibleArchitecture) === true);
