/** OpenTelemetry's own variables for an exporter, as far as they mean something for OTLP/HTTP. */
import { failure } from "../../errors.ts";
import type { OtlpSettings } from "../../toolkit/destinations/otlp.ts";
import { listed } from "../../toolkit/destinations/otlp/resource.ts";
import type { Signal } from "../../toolkit/destinations/otlp/signals.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const signals: readonly Signal[] = ["logs", "metrics", "traces"];

const protocols = ["http/protobuf", "http/json"];

/** An endpoint that is given comes before all that variables say. @throws LambdariumError `invalid-setting` */
export function otlpSettings(endpoint: string | undefined, variables: Variables): OtlpSettings & { endpoint: string } {
  const said = (name: string): string | undefined => variables[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  const protocol = said("PROTOCOL");
  if (protocol !== undefined && !protocols.includes(protocol))
    throw refused("PROTOCOL", protocol, `only OTLP/HTTP is spoken: ${protocols.join(" or ")}`);
  const endpoints = signals.flatMap((signal) => {
    const own = said(`${signal.toUpperCase()}_ENDPOINT`);
    return endpoint !== undefined || own === undefined ? [] : [[signal, own] as const];
  });
  for (const name of ["ENDPOINT", ...signals.map((signal) => `${signal.toUpperCase()}_ENDPOINT`)]) {
    const place = said(name);
    if (place !== undefined && !isAddress(place)) throw refused(name, place, "it is a URL of http or https");
  }
  return {
    endpoint: endpoint ?? said("ENDPOINT") ?? "http://localhost:4318",
    endpoints: Object.fromEntries(endpoints),
    headers: listed(said("HEADERS")),
    encoding: protocol === "http/json" ? "json" : "protobuf",
    compression: said("COMPRESSION") === "none" ? "none" : "gzip",
  };
}

const isAddress = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);

const refused = (name: string, value: string, why: string) =>
  failure("invalid-setting", { setting: `OTEL_EXPORTER_OTLP_${name}`, value, why, isOurs: true });
