/** A record as a document, by the names of the Elastic Common Schema. */
import type { Origin } from "../destination.ts";
import { functionArn } from "../function-arn.ts";
import type { LogEntry } from "../log-entry.ts";

export interface EcsDocument {
  readonly "@timestamp": string;
  readonly event: { readonly dataset: string; readonly action: string };
  /** Members of the user's, or of the platform's, which an index may map to something else than what they are. */
  readonly aws?: { readonly lambda: { readonly record: unknown } };
  readonly [other: string]: unknown;
}

export function ecsDocument(entry: LogEntry, origin: Origin, fields: object | undefined): EcsDocument {
  const { text, timeMs, level, requestId, trace, type, members } = entry;
  const { functionName, functionVersion, region, accountId } = origin;
  return {
    "@timestamp": new Date(timeMs).toISOString(),
    message: text,
    event: { dataset: "aws.lambda", action: type },
    ...(level === undefined ? {} : { log: { level: level.toLowerCase() } }),
    service: { name: functionName },
    cloud: {
      provider: "aws",
      ...(region === "" ? {} : { region }),
      ...(accountId === undefined ? {} : { account: { id: accountId } }),
      service: { name: "lambda" },
    },
    faas: {
      id: functionArn(origin),
      name: functionName,
      version: functionVersion,
      execution: requestId,
    },
    ...(trace === undefined ? {} : { trace: { id: trace.traceId }, span: { id: trace.spanId } }),
    ...(Object.keys(members).length === 0 ? {} : { aws: { lambda: { record: members } } }),
    ...fields,
  };
}

/** The same without what may be mapped otherwise: it is kept as text. */
export function plainDocument(document: EcsDocument): object | undefined {
  const { aws, ...rest } = document;
  if (aws === undefined) return undefined;
  return { ...rest, event: { ...rest.event, original: JSON.stringify(aws.lambda.record) } };
}
