// Sends logs, metrics and traces of the function to a collector of OpenTelemetry.
import { defineExtension } from "lambdarium/extension";
import { otlp } from "lambdarium/extension/destinations/otlp";

const endpoint = process.env["OTLP_ENDPOINT"] ?? "http://localhost:4318";

defineExtension({ deliver: { to: otlp({ endpoint }) } });
