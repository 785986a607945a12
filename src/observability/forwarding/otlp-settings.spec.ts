import { expect, test } from "vitest";
import { otlpSettings } from "./otlp-settings.ts";

test("without variables it is the receiver that OpenTelemetry's own exporters expect", () => {
  expect(otlpSettings(undefined, {})).toMatchObject({ endpoint: "http://localhost:4318", encoding: "protobuf" });
});

test("OpenTelemetry's variables say where, with which headers, and how", () => {
  const settings = otlpSettings(undefined, {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://tempo/otlp/v1/traces",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b,x=y",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_COMPRESSION: "none",
  });
  expect(settings).toEqual({
    endpoint: "https://collector",
    endpoints: { traces: "https://tempo/otlp/v1/traces" },
    headers: { "api-key": "a b", x: "y" },
    encoding: "json",
    compression: "none",
  });
});

test("an address that is given comes before every address of the variables", () => {
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://loki",
  };
  expect(otlpSettings("http://here", variables)).toMatchObject({ endpoint: "http://here", endpoints: {} });
});

test.each([
  ["PROTOCOL", "grpc", "only OTLP/HTTP is spoken: http/protobuf or http/json"],
  ["PROTOCOL", "http/xml", "only OTLP/HTTP is spoken: http/protobuf or http/json"],
  ["ENDPOINT", "localhost:4318", "it is a URL of http or https"],
  ["LOGS_ENDPOINT", "http://", "it is a URL of http or https"],
])("OTEL_EXPORTER_OTLP_%s=%s is refused by name", (name, value, why) => {
  expect(() => otlpSettings(undefined, { [`OTEL_EXPORTER_OTLP_${name}`]: value })).toThrow(
    `OTEL_EXPORTER_OTLP_${name} cannot be "${value}": ${why}.`,
  );
});
