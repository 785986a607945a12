/** What a service says about itself when it is ready. */
import type { ServiceSession } from "./service-session.ts";

/** To copy, or for `eval`. */
export const exportLines = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join("");

export function welcomeLines({ service, project }: ServiceSession): string[] {
  const functions = project?.functions ?? [];
  const lines = functions.map(({ project: { name, extensions, layers }, served, functionUrl }) => {
    const parts = [
      served === undefined ? "not deployed" : `${served.runtime}, ${served.handler}`,
      ...(layers.length === 0
        ? []
        : [`layers ${layers.map((layer) => (layer.kind === "arn" ? layer.arn : layer.name)).join(", ")}`]),
      ...(extensions.length === 0 ? [] : [`extensions ${extensions.map((extension) => extension.name).join(", ")}`]),
      ...(functionUrl === undefined ? [] : [functionUrl]),
    ];
    return `  ${name}: ${parts.join("; ")}`;
  });
  const { dataDir } = service.settings;
  return [
    ...(functions.length === 0 ? ["No function yet: create one by the API."] : ["Functions:", ...lines]),
    `Lambda, CloudWatch Logs, CloudWatch and X-Ray are served at ${service.endpoint}`,
    dataDir === undefined ? "Nothing is kept." : `Everything is kept in ${dataDir}`,
    ...(service.inspectPort === undefined ? [] : [`Debuggers attach at 127.0.0.1:${service.inspectPort}`]),
  ];
}
