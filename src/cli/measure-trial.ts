/** Runs one environment from its first invocation to its last and measures it. */
import type { Environment } from "../testing/environment.ts";
import type { InvocationResult } from "../testing/invocation.ts";
import type { Measurement, WarmInvocation } from "./comparison.ts";
import type { Trial } from "./compare-plan.ts";

export interface MeasuredTrial {
  readonly measurement: Measurement;
  /** The first result that was a function error. */
  readonly failed: InvocationResult | undefined;
}

/**
 * @param isWanted asked before each invocation but the first
 * @throws LambdariumError when the environment was stopped
 */
export async function measureTrial(
  environment: Environment,
  { memorySizeMb, extensions }: Trial,
  events: readonly Uint8Array[],
  isWanted: () => boolean,
): Promise<MeasuredTrial> {
  const [first = new Uint8Array(), ...rest] = events;
  const began = performance.now();
  const invocation = environment.invoke(first);
  await invocation.answered();
  const coldStartMs = performance.now() - began;
  const cold = await invocation;
  const warm: InvocationResult[] = [];
  for (const event of rest) if (isWanted()) warm.push(await environment.invoke(event));
  const all = [cold, ...warm];
  const measurement: Measurement = {
    memorySizeMb,
    extensions,
    coldStartMs,
    initDurationMs: cold.initDurationMs,
    coldBilledDurationMs: cold.billedDurationMs,
    maxMemoryUsedMb: Math.max(...all.map((result) => result.maxMemoryUsedMb)),
    functionErrors: all.filter(isFailed).length,
    warm: warmInvocations(environment, warm),
  };
  return { measurement, failed: all.find(isFailed) };
}

const isFailed = ({ functionError }: InvocationResult): boolean => functionError !== undefined;

/** What the result does not say, the telemetry does. */
function warmInvocations({ telemetry }: Environment, results: readonly InvocationResult[]): readonly WarmInvocation[] {
  const done = new Map<string, number>();
  const overhead = new Map<string, number>();
  for (const { type, record } of telemetry) {
    if (type === "platform.runtimeDone") done.set(record.requestId, record.metrics.durationMs);
    if (type !== "platform.report") continue;
    const span = record.spans?.find(({ name }) => name === "extensionOverhead");
    overhead.set(record.requestId, span?.durationMs ?? 0);
  }
  return results.map(({ requestId, durationMs, billedDurationMs }) => ({
    durationMs: done.get(requestId) ?? durationMs,
    extensionOverheadMs: overhead.get(requestId) ?? 0,
    billedDurationMs,
  }));
}
