/** Where else the platform's logs, metrics and traces go: the forms in which that is asked for. */

export type ForwardTarget =
  | { readonly to: "cloudwatch-logs" | "cloudwatch-metrics" | "xray" }
  /** Without an endpoint, what OpenTelemetry's variables say. */
  | { readonly to: "otlp"; readonly endpoint?: string };

export const forwardForms = "cloudwatch, cloudwatch-logs, cloudwatch-metrics, xray, otlp or otlp=URL";

/** Each target once, in order; nothing when one of the texts is none of `forwardForms`. */
export function parseForwardTargets(texts: readonly string[]): readonly ForwardTarget[] | undefined {
  const parsed = texts.map(targetsOf);
  if (parsed.some((targets) => targets === undefined)) return undefined;
  const all = parsed.flatMap((targets) => targets ?? []);
  return all.filter((target, at) => all.findIndex((other) => targetName(other) === targetName(target)) === at);
}

/** For messages, and for the directory of its spool. */
export const targetName = (target: ForwardTarget): string =>
  target.to === "otlp" && target.endpoint !== undefined ? `otlp ${target.endpoint}` : target.to;

function targetsOf(text: string): readonly ForwardTarget[] | undefined {
  switch (text) {
    case "cloudwatch":
      return [{ to: "cloudwatch-logs" }, { to: "cloudwatch-metrics" }];
    case "cloudwatch-logs":
    case "cloudwatch-metrics":
    case "xray":
    case "otlp":
      return [{ to: text }];
    default: {
      const endpoint = text.startsWith("otlp=") ? text.slice("otlp=".length) : "";
      return /^https?:\/\//.test(endpoint) && URL.canParse(endpoint) ? [{ to: "otlp", endpoint }] : undefined;
    }
  }
}
