/** Whether this machine can run what was asked for (SVC-62). */
import type { Sources } from "../control-operation.ts";
import type { Problem } from "../state/records.ts";

export async function runtimeProblem(
  runtime: string,
  sources: Pick<Sources, "missingRuntime">,
): Promise<Problem | undefined> {
  const reason = await sources.missingRuntime(runtime);
  return reason === undefined ? undefined : { reason, code: "InvalidRuntime" };
}
