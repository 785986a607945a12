/** What an extension's own source takes that is not its to take: ports of others, variables that are not there. */
import { type Finding, finding } from "./findings.ts";
import { knownPorts, reservedPort } from "./known-ports.ts";
import type { SourceText } from "./layer-file.ts";

export const checkSources = (sources: readonly SourceText[]): Finding[] =>
  sources.flatMap((source) => [...checkPorts(source), ...checkVariables(source)]);

/** Where a source says in words that it listens: `listen(4243)`, `port: 4243`, `sandbox.localdomain:4243`. */
const taken =
  /(?:\blisten(?:Tcp|UDP|Packet)?\w*\(\s*(?:["'`](?:tcp|udp)["'`],\s*)?["'`]?(?:[\w.]*:)?|\b\w*port\w*["'`]?\s*(?::=|[:=])\s*["'`]?|\bsandbox(?:\.localdomain|\.local)?:|\b0\.0\.0\.0["'`]?[:,]\s*)(\d[\d_]{1,6})\b/giu;

function checkPorts({ path: source, text }: SourceText): Finding[] {
  const seen = new Set<number>();
  return [...text.matchAll(taken)].flatMap((match) => {
    const port = Number(match[1]?.replaceAll("_", ""));
    if (seen.has(port)) return [];
    seen.add(port);
    const line = lineAt(text, match.index);
    if (port === reservedPort) return [finding("port-reserved", { source, line })];
    const owner = knownPorts.get(port);
    return owner === undefined ? [] : [finding("port-clash", { source, line, port, owner })];
  });
}

/** ENV-41 to ENV-47: what is the runtime's alone. */
const ofRuntime: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_FORMAT",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_LEVEL",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

/** ENV-31 to ENV-35, and what functions set to change Lambda's ways. */
const ofAws: ReadonlySet<string> = new Set(
  ["FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "INITIALIZATION_TYPE", "RUNTIME_API"]
    .concat(["METADATA_API", "METADATA_TOKEN", "EXEC_WRAPPER", "MAX_CONCURRENCY", "NODEJS_DISABLE_CALLBACK_WARNING"])
    .map((name) => `AWS_LAMBDA_${name}`),
);

/** As Node.js, Python, Go and Ruby read them; what a script of the shell reads. */
const read =
  /(?:\benv\.|\benv(?:iron)?(?:\.get)?[[(]\s*["'`]|\b(?:Getenv|LookupEnv|getenv|ENV(?:\.fetch)?)[[(]\s*["'`]|\$\{?)([A-Z_][A-Z0-9_]+)/gu;

function checkVariables({ path: source, text }: SourceText): Finding[] {
  const seen = new Set<string>();
  return [...text.matchAll(read)].flatMap((match) => {
    const variable = match[1] ?? "";
    if (seen.has(variable)) return [];
    seen.add(variable);
    const facts = { source, line: lineAt(text, match.index), variable };
    if (ofRuntime.has(variable)) return [finding("variable-not-there", facts)];
    const strange = variable.startsWith("AWS_LAMBDA_") && !ofAws.has(variable);
    return strange ? [finding("variable-reserved", facts)] : [];
  });
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;
