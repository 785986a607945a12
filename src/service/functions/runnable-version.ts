/** From what is deployed to what is run. */
import type { CodeReference, Deployment, FunctionRecord } from "../state/records.ts";
import type { ExtensionFile, FunctionVersion } from "./function-version.ts";

interface Surroundings {
  readonly accountId: string;
  readonly directoryOf: (code: CodeReference) => string;
  readonly extensionFiles: readonly ExtensionFile[];
}

export function runnableVersion(
  { region, name }: Pick<FunctionRecord, "region" | "name">,
  version: string,
  { generation, configuration, code, layers }: Deployment,
  { accountId, directoryOf, extensionFiles }: Surroundings,
): FunctionVersion {
  const { LogFormat, LogGroup, ApplicationLogLevel, SystemLogLevel } = configuration.LoggingConfig;
  const target = configuration.DeadLetterConfig?.TargetArn;
  return {
    region,
    accountId,
    functionName: name,
    version,
    generation,
    runtime: configuration.Runtime,
    handler: configuration.Handler,
    memorySizeMb: configuration.MemorySize,
    ephemeralStorageMb: configuration.EphemeralStorage.Size,
    timeoutMs: configuration.Timeout * 1000,
    environmentVariables: configuration.Environment?.Variables ?? {},
    logging: {
      format: LogFormat,
      group: LogGroup,
      ...(ApplicationLogLevel === undefined ? {} : { applicationLevel: ApplicationLogLevel }),
      ...(SystemLogLevel === undefined ? {} : { systemLevel: SystemLogLevel }),
    },
    tracingMode: configuration.TracingConfig.Mode,
    snapStart: version !== "$LATEST" && configuration.SnapStart.ApplyOn === "PublishedVersions",
    codeDirectory: directoryOf(code),
    layerDirectories: layers.map((layer) => directoryOf(layer.code)),
    extensionFiles,
    ...(target === undefined ? {} : { deadLetterTargetArn: target }),
  };
}
