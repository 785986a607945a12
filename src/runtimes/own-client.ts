/** A function may bring AWS's own runtime interface client; then that client runs it, not ours (ENV-150). */
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface OwnClient {
  /** Where it lies: in the function's code or in its layers. */
  readonly place: "task" | "opt";
  /** Below that place. */
  readonly path: string;
  /** Major version; the older Node.js client wants the handler as an argument. */
  readonly generation: 3 | 4;
}

export interface FunctionFiles {
  /** On the host. */
  readonly codeDirectory: string;
  readonly layerDirectories: readonly string[];
}

/** `aws-lambda-ric`, which has its entry elsewhere since version 4. */
export function ownNodeClient(files: FunctionFiles, major: string): OwnClient | undefined {
  const layerFolders = [`nodejs/node${major}/node_modules`, "nodejs/node_modules"];
  return firstOf(files, ["node_modules"], layerFolders, (folder) => {
    const client = join(folder, "aws-lambda-ric");
    if (existsSync(join(client, "bin/index.mjs"))) return { entry: "aws-lambda-ric/bin/index.mjs", generation: 3 };
    return existsSync(join(client, "index.mjs")) ? { entry: "aws-lambda-ric/index.mjs", generation: 4 } : undefined;
  });
}

/** `awslambdaric`; the path is the folder that has to be on Python's path. */
export function ownPythonClient(files: FunctionFiles, version: string): OwnClient | undefined {
  const layerFolders = [`python/lib/python${version}/site-packages`, "python"];
  return firstOf(files, [""], layerFolders, (folder) =>
    existsSync(join(folder, "awslambdaric/__main__.py")) ? { entry: "", generation: 4 } : undefined,
  );
}

type Look = (folder: string) => { readonly entry: string; readonly generation: 3 | 4 } | undefined;

function firstOf(
  { codeDirectory, layerDirectories }: FunctionFiles,
  inCode: readonly string[],
  inLayers: readonly string[],
  look: Look,
): OwnClient | undefined {
  // Layers are merged, so which of them holds it makes no difference inside.
  const places = [
    ...inCode.map((folder) => ({ place: "task" as const, root: codeDirectory, folder })),
    ...inLayers.flatMap((folder) => layerDirectories.map((root) => ({ place: "opt" as const, root, folder }))),
  ];
  for (const { place, root, folder } of places) {
    const client = look(join(root, folder));
    if (client !== undefined) {
      return { place, path: [folder, client.entry].filter(Boolean).join("/"), generation: client.generation };
    }
  }
  return undefined;
}
