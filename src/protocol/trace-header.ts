/** The trace header of an invocation: `X-Amzn-Trace-Id` at the front door, `Lambda-Runtime-Trace-Id` at the runtime. */

export interface TraceHeader {
  /** `1-<8 hex epoch seconds>-<24 hex>` (OBS-59). */
  readonly root: string;
  /** 16 hex digits. */
  readonly parent: string | undefined;
  readonly sampled: "0" | "1" | undefined;
  readonly lineage: string | undefined;
}

/** Time and chance for a new trace header: seconds since the epoch and 40 random hex digits (24 root, 16 parent). */
export interface FreshTrace {
  readonly epochSeconds: number;
  readonly randomHex: string;
}

/** Reads a trace header leniently (OBS-60); a member that is missing or empty is `undefined`, a missing root is "". */
export function parseTraceHeader(text: string): TraceHeader {
  const values = new Map<string, string>();
  for (const pair of text.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0) values.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return {
    root: values.get("Root") ?? "",
    parent: values.get("Parent") || undefined,
    sampled: samplingDecision(values.get("Sampled")),
    lineage: values.get("Lineage") || undefined,
  };
}

/** Writes a trace header (OBS-59); without a root there is no header at all (OBS-61). */
export function formatTraceHeader(trace: TraceHeader): string | undefined {
  if (trace.root === "") return undefined;
  const parent = trace.parent === undefined ? "" : `;Parent=${trace.parent}`;
  const lineage = trace.lineage === undefined ? "" : `;Lineage=${trace.lineage}`;
  return `Root=${trace.root}${parent};Sampled=${trace.sampled ?? "0"}${lineage}`;
}

/**
 * The trace of an invocation: the caller's where it sent a valid root, a new one otherwise (RT-22, OBS-62).
 * `sampledIfUndecided` is what the sampler says when the caller did not; "0" by default (OBS-68 is the service's).
 */
export function continueTrace(
  incoming: string | undefined,
  fresh: FreshTrace,
  sampledIfUndecided: "0" | "1" = "0",
): TraceHeader {
  const caller = parseTraceHeader(incoming ?? "");
  const freshParent = fresh.randomHex.slice(24, 40);
  if (!validRoot.test(caller.root)) {
    const seconds = Math.trunc(fresh.epochSeconds).toString(16).padStart(8, "0");
    const root = `1-${seconds}-${fresh.randomHex.slice(0, 24)}`;
    return { root, parent: freshParent, sampled: sampledIfUndecided, lineage: undefined };
  }
  return {
    root: caller.root,
    parent: caller.parent !== undefined && validParent.test(caller.parent) ? caller.parent : freshParent,
    sampled: caller.sampled ?? sampledIfUndecided,
    lineage: caller.lineage,
  };
}

const validRoot = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i;
const validParent = /^[0-9a-f]{16}$/i;

/** `Sampled=?` asks the receiver to decide, and so does any other text. */
function samplingDecision(text: string | undefined): "0" | "1" | undefined {
  return text === "0" || text === "1" ? text : undefined;
}
