/** The options Lambda starts Node.js with. */
import type { FoundRuntime } from "./find-runtime.ts";

/**
 * What a function sets in `NODE_OPTIONS` itself is left out: options on the command line would win over it.
 *
 * AWS, "Building Lambda functions with Node.js": which experimental features are off by default in which runtime.
 */
export function nodeFlags(runtime: FoundRuntime, memorySizeMb: number, nodeOptions: string): readonly string[] {
  const off = (feature: string, runtimes: readonly string[], since: string): readonly string[] =>
    runtimes.includes(runtime.version) &&
    isAtLeast(runtime.interpreterVersion ?? "", since) &&
    !nodeOptions.includes(feature)
      ? [`--no-experimental-${feature}`]
      : [];
  return [
    ...off("require-module", ["20", "22"], "20.17.0"),
    ...off("detect-module", ["22"], "20.10.0"),
    ...heapLimits(memorySizeMb, nodeOptions),
  ];
}

/** Lambda gives the old generation 90 % of the memory and a young semi-space 5 %, so that V8 collects in time. */
function heapLimits(memorySizeMb: number, nodeOptions: string): readonly string[] {
  if (/--max[-_](?:old|semi)[-_]space[-_]size/.test(nodeOptions)) return [];
  const share = (percent: number): number => Math.floor((memorySizeMb * percent) / 100);
  return [`--max-semi-space-size=${share(5)}`, `--max-old-space-size=${share(90)}`];
}

function isAtLeast(version: string, wanted: string): boolean {
  return version.localeCompare(wanted, "en", { numeric: true }) >= 0;
}
