/** A version of a function as the host runs it. */
import { stat } from "node:fs/promises";
import { LambdariumError } from "../../errors.ts";
import type { HostedFunction } from "../../host/hosted-function.ts";
import { settleFunction } from "../../host/settle-function.ts";
import type { InitializationType } from "../../protocol/telemetry-records.ts";
import type { FunctionVersion } from "../functions/function-version.ts";
import { type ServiceError, serviceError } from "../service-error.ts";

/** @throws LambdariumError when a runtime program is missing; DeployedCodeMissing */
export async function hostedVersion(
  version: FunctionVersion,
  initializationType: InitializationType,
): Promise<HostedFunction> {
  const { logging, ...rest } = version;
  // The host would find a bootstrap missing, and say that it is the function's fault (SVC-150).
  for (const directory of [version.codeDirectory, ...version.layerDirectories]) await mustExist(directory);
  return settleFunction({
    functionName: rest.functionName,
    functionVersion: rest.version,
    handler: rest.handler,
    runtimeIdentifier: rest.runtime,
    codeDirectory: rest.codeDirectory,
    layerDirectories: rest.layerDirectories,
    extensionFiles: rest.extensionFiles,
    memorySizeMb: rest.memorySizeMb,
    ephemeralStorageMb: rest.ephemeralStorageMb,
    timeoutMs: rest.timeoutMs,
    environmentVariables: rest.environmentVariables,
    logFormat: logging.format,
    applicationLogLevel: logging.applicationLevel ?? "INFO",
    systemLogLevel: logging.systemLevel ?? "INFO",
    logGroup: logging.group,
    region: rest.region,
    accountId: rest.accountId,
    tracingMode: rest.tracingMode,
    initializationType,
  });
}

class DeployedCodeMissing extends Error {}

async function mustExist(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new DeployedCodeMissing(`The directory ${directory} cannot be read. Deploy the code again.`);
}

/** Why there is no environment, as the caller is told (SVC-150). */
export function notMadeError(cause: unknown): ServiceError {
  if (cause instanceof DeployedCodeMissing) return serviceError("InvalidZipFileException", cause.message);
  if (cause instanceof LambdariumError) {
    const isRuntime = cause.code === "runtime-unknown" || cause.code === "interpreter-missing";
    return serviceError(isRuntime ? "InvalidRuntimeException" : "ServiceException", `${cause.message} ${cause.hint}`);
  }
  return serviceError("ServiceException", cause instanceof Error ? cause.message : String(cause));
}
