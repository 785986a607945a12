/** `cdk.out`: which templates it has, and where the assets are that they name. */
import { locate, memberOf, plainValue } from "./located.ts";

interface Stack {
  readonly name: string;
  /** Relative to the directory of the assembly. */
  readonly templateFile: string;
  /** Lists of assets, relative likewise. */
  readonly assetFiles: readonly string[];
}

export interface Assembly {
  readonly stacks: readonly Stack[];
  /** Directories of assemblies inside this one: CDK's stages. */
  readonly nested: readonly string[];
}

interface Artifact {
  readonly type?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly file?: string;
    readonly directoryName?: string;
    readonly stackName?: string;
  };
}

/** From the text of `manifest.json`. @throws TextFault */
export function readManifest(text: string): Assembly {
  const artifacts = plainValue(memberOf(locate(text), "artifacts") ?? locate("{}")) as Record<string, Artifact>;
  const ofType = (type: string) => Object.entries(artifacts).filter(([, artifact]) => artifact.type === type);
  const assetFiles = ofType("cdk:asset-manifest").flatMap(([, { properties }]) => properties?.file ?? []);
  const stacks = ofType("aws:cloudformation:stack").flatMap(([name, { properties }]): Stack[] =>
    properties?.templateFile === undefined
      ? []
      : [{ name: properties.stackName ?? name, templateFile: properties.templateFile, assetFiles }],
  );
  const nested = ofType("cdk:cloud-assembly").flatMap(([, { properties }]) => properties?.directoryName ?? []);
  return { stacks, nested };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<string, { source?: { path?: string }; destinations?: Record<string, { objectKey?: string }> }>
  >;
}

/** From the text of `STACK.assets.json`: paths by the keys under which CDK would put them into S3. @throws TextFault */
export function readAssets(text: string): [key: string, place: string][] {
  const { files = {} } = plainValue(locate(text)) as AssetManifest;
  return Object.values(files).flatMap(({ source, destinations = {} }) =>
    Object.values(destinations).flatMap(({ objectKey }): [string, string][] =>
      objectKey === undefined || source?.path === undefined ? [] : [[objectKey, source.path]],
    ),
  );
}
