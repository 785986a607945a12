/** The files of a layer whose extension was bundled. */
import type { LayerFile } from "./layer-file.ts";

/** A launcher where Lambda looks, the bundle beside: Node.js is the function's own. */
export function bundledFiles(name: string, code: string): LayerFile[] {
  return [
    { path: `extensions/${name}`, bytes: Buffer.from(launcher(name)), mode: 0o755 },
    { path: `${name}/index.mjs`, bytes: Buffer.from(code), mode: 0o644 },
  ];
}

/**
 * What a function says to its own Node.js reaches extensions too and can keep them from starting. The place is found from
 * the launcher's own, since not every sandbox can show a layer at `/opt`. LAMBDARIUM_INSPECT, which is words, lets a
 * debugger in; Lambda has no such variable.
 */
const launcher = (name: string): string => `#!/bin/sh
unset NODE_OPTIONS
layer="\${0%/*}/../${name}"
exec node $LAMBDARIUM_INSPECT "$layer/index.mjs"
`;
