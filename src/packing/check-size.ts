/** Does the layer fit (AWS's page "Lambda quotas"). */
import { type Finding, finding } from "./findings.ts";
import type { LayerFile } from "./layer-file.ts";

const mostUnzippedBytes = 262_144_000;
const mostZippedBytes = 52_428_800;

export const unzippedBytes = (files: readonly LayerFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes.length, 0);

export function checkUnzipped(files: readonly LayerFile[]): Finding[] {
  const bytes = unzippedBytes(files);
  if (bytes > mostUnzippedBytes) return [finding("too-large-unzipped", { bytes })];
  const percent = Math.round((bytes / mostUnzippedBytes) * 100);
  return percent < 25 ? [] : [finding("much-of-the-limit", { megabytes: Math.round(bytes / 1_048_576), percent })];
}

export const checkZipped = (bytes: number): Finding[] =>
  bytes > mostZippedBytes ? [finding("too-large-to-upload", { bytes })] : [];
