/** The JSON document of `--json`. */
import type { Trace } from "../service/stored-traces.ts";
import type { InvocationResult } from "../testing/invocation.ts";
import type { EnvironmentSnapshot } from "../testing/snapshot.ts";
import { payloadText } from "./payload-text.ts";
import { traceDocument } from "./trace-document.ts";

export interface Run {
  readonly functionName: string;
  readonly runtime: string;
  readonly results: readonly InvocationResult[];
  readonly snapshot: EnvironmentSnapshot;
  readonly traces: readonly Trace[];
  /** For an environment that had nothing to shut down. */
  readonly shutdownReason: string;
}

export function runDocument(run: Run): string {
  const { functionName, runtime, results, snapshot } = run;
  const document = {
    functionName,
    runtime,
    sandbox: snapshot.sandbox,
    capabilities: snapshot.capabilities,
    invocations: results.map(invocation),
    phases: snapshot.phases.map(({ phase, startMs, durationMs, status, errorType }) => ({
      phase,
      startMs,
      durationMs,
      status,
      errorType,
    })),
    extensions: snapshot.extensions.map(({ name, kind, events, state, exit }) => ({ name, kind, events, state, exit })),
    // Of most runs nothing is traced.
    traces: run.traces.length === 0 ? undefined : run.traces.map(traceDocument),
    shutdown: snapshot.shutdown ?? { reason: run.shutdownReason, durationMs: 0 },
  };
  return withPayloads(JSON.stringify(document, undefined, 2), results);
}

const invocation = (result: InvocationResult, index: number) => ({
  requestId: result.requestId,
  payload: placeholder(index, result),
  functionError: result.functionError,
  durationMs: result.durationMs,
  billedDurationMs: result.billedDurationMs,
  initDurationMs: result.initDurationMs,
  maxMemoryUsedMb: result.maxMemoryUsedMb,
  logTail: result.logTail,
});

/** A payload's own text is put in afterwards: numbers of more than 15 digits would not survive being read. */
const placeholder = (index: number, { requestId }: InvocationResult): string => `payload ${index} of ${requestId}`;

function withPayloads(document: string, results: readonly InvocationResult[]): string {
  const texts = new Map(results.map((result, index) => [placeholder(index, result), payloadText(result.payloadBytes)]));
  return document.replaceAll(
    /(?<="payload": )"(payload \d+ of [\w-]+)"/g,
    (whole, key: string) => texts.get(key) ?? whole,
  );
}
