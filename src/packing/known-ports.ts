/** Ports that extensions in use have taken for themselves. */

export const reservedPort = 9001;

/** Who listens there, as far as it is known; each by its own documentation or source code. */
export const knownPorts: ReadonlyMap<number, string> = new Map([
  [2772, "AWS AppConfig"],
  [2773, "AWS Parameters and Secrets"],
  [3000, "CloudWatch Lambda Insights and Honeycomb"],
  [4243, "the samples of AWS's telemetry extensions"],
  [4317, "OpenTelemetry and Datadog"],
  [4318, "OpenTelemetry and Datadog"],
  [5333, "Sentry's former relay"],
  [8000, "Sentry's former relay"],
  [8080, "AWS Lambda Web Adapter and Axiom"],
  [8124, "Datadog"],
  [8125, "Datadog"],
  [8126, "Datadog"],
  [8200, "Elastic APM and HashiCorp Vault"],
  [8999, "Datadog"],
  [9000, "Sentry and Datadog"],
  [9002, "extensions in Rust, by default"],
  [9003, "extensions in Rust, by default"],
  [9009, "the samples of Runtime API proxies"],
  [53_612, "the OpenTelemetry Collector"],
]);
