/** A function as the host needs it: everything decided, nothing left to infer. */
import type { Sink } from "../observability/sinks.ts";
import type { InitializationType } from "../protocol/telemetry-records.ts";
import type { TracingMode } from "../protocol/traced-invocation.ts";
import type { SystemLogLevel } from "../telemetry/log-levels.ts";
import { type EnvironmentConfiguration, initLimitMs, restoreLimitMs } from "../environment/configuration.ts";
import type { Inspection } from "./inspection.ts";
import { type FoundRuntime, runtimeVersionArn } from "../runtimes/find-runtime.ts";
import type { SandboxDriverName, SandboxSpec } from "../sandbox/sandbox.ts";

export interface HostedFunction {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly functionVersion: string;
  readonly handler: string;
  readonly runtime: FoundRuntime;
  /** Directory on this machine with the unpacked code. */
  readonly codeDirectory: string;
  /** Directories with unpacked layers, in configured order. */
  readonly layerDirectories: readonly string[];
  readonly extensionFiles: readonly { readonly name: string; readonly file: string }[];
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  readonly timeoutMs: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly logFormat: "Text" | "JSON";
  /** CAP-48; only with JSON. */
  readonly applicationLogLevel: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  /** CAP-57; only with JSON. */
  readonly systemLogLevel: SystemLogLevel;
  /** Default `/aws/lambda/<functionName>` (OBS-04). */
  readonly logGroup: string;
  /** Managed runtimes get a descriptor for frames (CAP-36). */
  readonly framedLog: boolean;
  readonly region: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly credentials: Credentials;
  readonly initializationType: InitializationType;
  /** OBS-67 */
  readonly tracingMode: TracingMode;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** How an environment is run, as opposed to what it runs. */
export interface HostSettings {
  readonly sandbox: "auto" | SandboxDriverName;
  /** ENV-153: refuse to start where anything would be less than enforced. */
  readonly strict: boolean;
  /** `auto`: the internet where this machine has a way to it, else none. */
  readonly network: "auto" | "machine" | "internet" | "none";
  /** ENV-89 */
  readonly initCpu: "proportional" | "boost";
  /** LIFE-102 */
  readonly freeze: boolean;
  /** How long the freeze waits for a call that comes at once (LIFE-96); default one turn of the event loop. */
  readonly freezeDelayMs?: number;
  /** LIFE-20; Lambda's limit when absent. */
  readonly initLimitMs?: number;
  /** RT-55, RT-56 */
  readonly limitStreamingRate: boolean;
  /** EXT-98: as if the file that switches extensions off were in `/opt`. */
  readonly extensionsOff: boolean;
  /** DLV-65: deliver telemetry also between phases. */
  readonly deliverWhileFrozen: boolean;
  /** Opens processes to a debugger; goes with `freeze` off, since a frozen process answers none (LIFE-102). */
  readonly inspection?: Inspection;
  /** Where everything the environment writes goes besides its subscribers; none when absent. */
  readonly sinks?: readonly Sink[];
  /** How many telemetry records and steps are kept to be looked at; by default what a test may want to see. */
  readonly kept?: { readonly records: number; readonly steps: number };
}

/** ARN of the function, with the qualifier if one was used (RT-20). */
export const functionArn = (
  { region, accountId, functionName }: Pick<HostedFunction, "region" | "accountId" | "functionName">,
  qualifier?: string,
): string =>
  `arn:aws:lambda:${region}:${accountId}:function:${functionName}${qualifier === undefined ? "" : `:${qualifier}`}`;

export const sandboxSpec = (
  id: string,
  hosted: HostedFunction,
  how: { readonly network: "machine" | "internet" | "none"; readonly initCpu: "proportional" | "boost" },
): SandboxSpec => ({
  id,
  codeDirectory: hosted.codeDirectory,
  layerDirectories: hosted.layerDirectories,
  extensionFiles: hosted.extensionFiles,
  interpreters: hosted.runtime.interpreters,
  ...(hosted.runtime.runtimeDirectory === undefined ? {} : { runtimeDirectory: hosted.runtime.runtimeDirectory }),
  memorySizeMb: hosted.memorySizeMb,
  ephemeralStorageMb: hosted.ephemeralStorageMb,
  network: how.network,
  // ENV-89: users measure the boost in the first Init on demand only.
  initCpu: hosted.initializationType === "on-demand" ? how.initCpu : "proportional",
});

export const environmentConfiguration = (
  hosted: HostedFunction,
  settings: HostSettings,
  logStreamName: string,
): EnvironmentConfiguration => ({
  functionName: hosted.functionName,
  functionVersion: hosted.functionVersion,
  memorySizeMb: hosted.memorySizeMb,
  timeoutMs: hosted.timeoutMs,
  initializationType: hosted.initializationType,
  logStreamName,
  runtimeVersion: {
    runtimeVersion: hosted.runtime.runtimeVersion,
    runtimeVersionArn: runtimeVersionArn(hosted.runtime, hosted.region),
  },
  freeze: settings.freeze,
  initLimitMs: settings.initLimitMs ?? initLimitMs(hosted.initializationType, hosted.timeoutMs),
  restoreLimitMs,
});
