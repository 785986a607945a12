/** Layer versions of other accounts and regions, from files of this machine (SVC-126). */
import { readFile, stat } from "node:fs/promises";
import { failure } from "../../errors.ts";
import type { CodeStore } from "../code/code-store.ts";
import { parseLayerName } from "../names/arns.ts";
import { Refusal } from "../refusal.ts";
import type { CodeReference, LayerVersionRecord } from "../state/records.ts";

/**
 * By ARN, as the setting `layerSources` has them.
 * @throws LambdariumError `invalid-setting` or `layer-not-found`
 */
export async function readLayerSources(
  sources: Readonly<Record<string, string>>,
  store: CodeStore,
  nowMs: number,
): Promise<ReadonlyMap<string, LayerVersionRecord>> {
  const layers = new Map<string, LayerVersionRecord>();
  for (const [arn, path] of Object.entries(sources)) {
    const { version } = parseLayerName(arn);
    if (version === undefined || !/^arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/.test(arn))
      throw failure("invalid-setting", { setting: "layerSources", value: arn, why: "it is no ARN of a layer version" });
    layers.set(arn, { version, code: await codeAt(path, store), description: "", createdMs: nowMs });
  }
  return layers;
}

async function codeAt(path: string, store: CodeStore): Promise<CodeReference> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw failure("layer-not-found", { path });
  try {
    if (found.isDirectory()) return { kind: "live", directory: path, ...(await store.measure(path)) };
    return await store.addZip(await readFile(path));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw failure("invalid-setting", { setting: "layerSources", value: path, why: error.message }, error);
  }
}
