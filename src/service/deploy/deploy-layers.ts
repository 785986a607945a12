/** Brings the layers of a function into the service: each directory or archive once, whoever names it. */
import { stat } from "node:fs/promises";
import { failure } from "../../errors.ts";
import type { LayerSource } from "../project/project.ts";
import type { Deployer } from "./deployer.ts";
import { packageInput } from "./function-input.ts";
import { readPackage, type Package } from "./prepared-function.ts";

/** ARNs of layer versions, in the same order. @throws Refusal, LambdariumError `layer-not-found` */
export async function deployLayers(layers: readonly LayerSource[], deployer: Deployer): Promise<string[]> {
  const arns: string[] = [];
  // One after the other: two functions may name the same one.
  for (const layer of layers) arns.push(layer.kind === "arn" ? layer.arn : await deployLayer(layer, deployer));
  return arns;
}

async function deployLayer(layer: LayerSource & { kind: "path" }, deployer: Deployer): Promise<string> {
  if (!(await stat(layer.path).catch(() => undefined))) throw failure("layer-not-found", { path: layer.path });
  const content = await readPackage(layer.path);
  const description = origin(content);
  const { LayerVersions = [] } = await deployer.perform("ListLayerVersions", { LayerName: layer.name });
  const known = LayerVersions.find((version) => version.Description === description);
  if (known !== undefined) return known.LayerVersionArn;
  const published = await deployer.perform("PublishLayerVersion", {
    LayerName: layer.name,
    Description: description,
    Content: packageInput(content),
  });
  return published.LayerVersionArn ?? "";
}

/** Tells a version whose content is the same: a directory is read as it is, however often it is deployed. */
const origin = (content: Package): string =>
  (content.kind === "directory" ? content.path : `${content.path} sha256 ${content.sha256}`).slice(-256);
