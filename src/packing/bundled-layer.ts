/** The files of a layer whose extension was bundled: a launcher where Lambda looks, the bundle beside. */
import type { LayerFile } from "./layer-file.ts";

/** `node` is the program of Node.js that goes into the layer; without one it is the function's own that runs it. */
export function bundledFiles(name: string, code: string, node?: Buffer): LayerFile[] {
  return [
    { path: `extensions/${name}`, bytes: Buffer.from(launcher(name, node !== undefined)), mode: 0o755 },
    { path: `${name}/index.mjs`, bytes: Buffer.from(code), mode: 0o644 },
    ...(node === undefined ? [] : [{ path: `${name}/node`, bytes: node, mode: 0o755 }]),
  ];
}

/**
 * What a function says to its own Node.js reaches extensions too and can keep them from starting. The place is found from
 * the launcher's own, since not every sandbox can show a layer at `/opt`. LAMBDARIUM_INSPECT, which is words, lets a
 * debugger in; Lambda has no such variable.
 */
const launcher = (name: string, bringsNode: boolean): string => `#!/bin/sh
unset NODE_OPTIONS
layer="\${0%/*}/../${name}"
exec ${bringsNode ? '"$layer/node"' : "node"} $LAMBDARIUM_INSPECT "$layer/index.mjs"
`;
