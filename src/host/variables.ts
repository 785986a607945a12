/** The environment variables of runtime and extensions: exactly these, nothing of this machine's leaks in (ENV-29 to ENV-61). */
import path from "node:path";
import type { Sandbox, SandboxPaths } from "../sandbox/sandbox.ts";
import type { ContainerCredentials, EnvironmentPort } from "../sandbox-api/port.ts";
import type { HostedFunction } from "./hosted-function.ts";

export interface VariableFacts {
  readonly function: HostedFunction;
  readonly paths: SandboxPaths;
  /** `host:port` of the sandbox API (ENV-35). */
  readonly endpoint: string;
  /** `host:port` of the X-Ray daemon (ENV-45). */
  readonly daemonEndpoint: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly metadataToken: string;
  /** In place of keys in variables (RT-91). */
  readonly containerCredentials?: Pick<ContainerCredentials, "path" | "token">;
}

export const variableFacts = (
  hosted: HostedFunction,
  { paths }: Pick<Sandbox, "paths">,
  port: EnvironmentPort & { readonly metadata: { readonly token: string } },
  environment: Pick<VariableFacts, "endpoint" | "daemonEndpoint" | "logStreamName">,
): VariableFacts => ({
  ...environment,
  function: hosted,
  paths,
  logGroupName: hosted.logGroup,
  metadataToken: port.metadata.token,
  ...(port.containerCredentials === undefined ? {} : { containerCredentials: port.containerCredentials }),
});

type Variables = Record<string, string>;

/** ENV-51, ENV-52: everything but what belongs to the runtime. */
export function extensionVariables(facts: VariableFacts): Variables {
  return { ...shared(facts), ...facts.function.environmentVariables, ...reservedForBoth(facts) };
}

/** `languageVariables` are defaults of the runtime's language, which the customer may replace (ENV-49, ENV-50, ENV-57). */
export function runtimeVariables(facts: VariableFacts, languageVariables: Readonly<Variables>): Variables {
  return {
    ...shared(facts),
    ...languageVariables,
    ...xray(facts.daemonEndpoint),
    ...facts.function.environmentVariables,
    ...reservedForBoth(facts),
    ...reservedForRuntime(facts),
  };
}

/** ENV-36 to ENV-38: the customer may replace these (ENV-57). */
function shared({ paths }: VariableFacts): Variables {
  const list = (...entries: string[]): string => entries.join(path.delimiter);
  const variables: Variables = {
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: list(`${paths.lang}/bin`, "/usr/local/bin", "/usr/bin/", "/bin", `${paths.opt}/bin`),
    LD_LIBRARY_PATH: list(
      `${paths.lang}/lib`,
      "/lib64",
      "/usr/lib64",
      paths.runtime,
      `${paths.runtime}/lib`,
      paths.task,
      `${paths.task}/lib`,
      `${paths.opt}/lib`,
    ),
  };
  return process.platform === "win32" ? { ...variables, ...windowsEssentials() } : variables;
}

/** No Windows process starts without these. Untested: no Windows machine has run it. */
function windowsEssentials(): Variables {
  const kept: Variables = {};
  for (const name of ["SystemRoot", "Path", "PATHEXT", "TEMP", "TMP"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** ENV-31 to ENV-35, ENV-59; `LAMBDARIUM_OPT` says where `/opt` is when the sandbox cannot show it there. */
function reservedForBoth(facts: VariableFacts): Variables {
  const { region, functionName, functionVersion, memorySizeMb, initializationType } = facts.function;
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...credentialVariables(facts),
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    AWS_LAMBDA_RUNTIME_API: facts.endpoint,
    AWS_LAMBDA_METADATA_API: facts.endpoint,
    AWS_LAMBDA_METADATA_TOKEN: facts.metadataToken,
    ...(facts.paths.opt === "/opt" ? {} : { LAMBDARIUM_OPT: facts.paths.opt }),
  };
}

/** ENV-32; AWS's SnapStart page: the container variables take the place of the keys. */
function credentialVariables({ endpoint, containerCredentials, function: { credentials } }: VariableFacts): Variables {
  return containerCredentials === undefined
    ? {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      }
    : {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${endpoint}${containerCredentials.path}`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: containerCredentials.token,
      };
}

/** ENV-45: the customer may replace the first two (ENV-57). */
function xray(endpoint: string): Variables {
  const [address = "", port = ""] = endpoint.split(":");
  return {
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: endpoint,
    _AWS_XRAY_DAEMON_ADDRESS: address,
    _AWS_XRAY_DAEMON_PORT: port,
  };
}

/** ENV-41 to ENV-44, ENV-47 */
function reservedForRuntime(facts: VariableFacts): Variables {
  const { handler, runtime, logFormat, applicationLogLevel, initializationType } = facts.function;
  const variables: Variables = {
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: facts.paths.task,
    LAMBDA_RUNTIME_DIR: facts.paths.runtime,
  };
  if (runtime.executionEnvironment !== undefined) variables["AWS_EXECUTION_ENV"] = runtime.executionEnvironment;
  if (initializationType !== "snap-start") {
    variables["AWS_LAMBDA_LOG_GROUP_NAME"] = facts.logGroupName;
    variables["AWS_LAMBDA_LOG_STREAM_NAME"] = facts.logStreamName;
  }
  if (logFormat === "JSON") {
    variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
    variables["AWS_LAMBDA_LOG_LEVEL"] = applicationLogLevel;
  }
  return variables;
}
