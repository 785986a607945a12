/** Who speaks: the function, as OpenTelemetry's conventions name it. */
import type { Origin } from "../destination.ts";
import { attributes, type KeyValue } from "./model.ts";

export function resourceAttributes(
  origin: Origin,
  more: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string | undefined>>,
): readonly KeyValue[] {
  return attributes({
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    "cloud.region": origin.region || undefined,
    "cloud.account.id": origin.accountId,
    "faas.name": origin.functionName,
    "faas.version": origin.functionVersion,
    "faas.max_memory": origin.memorySizeMb === 0 ? undefined : origin.memorySizeMb * 1_048_576,
    "service.name": origin.functionName,
    ...listed(variables["OTEL_RESOURCE_ATTRIBUTES"]),
    ...(variables["OTEL_SERVICE_NAME"] === undefined ? {} : { "service.name": variables["OTEL_SERVICE_NAME"] }),
    ...more,
  });
}

/** `key=value,key=value`, the values percent-encoded, as OpenTelemetry's variables have it. */
export function listed(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? "").split(",").flatMap((pair): [string, string][] => {
    const equals = pair.indexOf("=");
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
