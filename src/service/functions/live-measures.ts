/** Hash and size of directories as they are when the API is called (SVC-57). */
import type { Sources } from "../control-operation.ts";
import type { CodeMeasure, FunctionRecord, VersionRecord } from "../state/records.ts";

/** By directory. */
export type LiveMeasures = ReadonlyMap<string, CodeMeasure>;

/** Only `$LATEST` reads a directory; one that cannot be read keeps the measure it had. */
export async function measureLive(
  records: readonly FunctionRecord[],
  { measure }: Pick<Sources, "measure">,
): Promise<LiveMeasures> {
  const measures = new Map<string, CodeMeasure>();
  for (const { latest } of records) {
    const { code } = latest.deployment;
    if (code.kind !== "live") continue;
    const found = await measure(code.directory).catch(() => undefined);
    if (found !== undefined) measures.set(code.directory, found);
  }
  return measures;
}

export const measureOf = ({ deployment: { code } }: VersionRecord, measures: LiveMeasures): CodeMeasure | undefined =>
  code.kind === "live" ? measures.get(code.directory) : undefined;
