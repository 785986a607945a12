/** What a user says about a function, checked before anything is started. */
import { failure } from "../errors.ts";
import type { InitializationType } from "../protocol/telemetry-records.ts";
import type { TracingMode } from "../protocol/traced-invocation.ts";
import type { Credentials } from "./hosted-function.ts";

/** Everything but `function` has Lambda's default. */
export interface FunctionSettings {
  /** A directory, a .zip archive or a single source file. */
  readonly function: string;
  /** Inferred from what is at `function` when absent. */
  readonly handler?: string;
  /** Runtime identifier such as `nodejs22.x`; inferred when absent. */
  readonly runtime?: string;
  /** External extensions: executable files, each under its own name, or sources, bundled first and without the ending. */
  readonly extensions?: readonly string[];
  /** Directories or .zip archives, merged in this order into `/opt`; at most five (ENV-17, ENV-19). */
  readonly layers?: readonly string[];
  /** MB, 128 to 10,240; default 128 (ENV-78). */
  readonly memorySizeMb?: number;
  /** MB of `/tmp`, 512 to 10,240; default 512 (ENV-12). */
  readonly ephemeralStorageMb?: number;
  /** Milliseconds, whole seconds from 1,000 to 900,000; default 3,000 (LIFE-52). */
  readonly timeoutMs?: number;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Default `Text` (CAP-38). */
  readonly logFormat?: "Text" | "JSON";
  /** Only with `logFormat` `JSON`; default `INFO` (CAP-48, CAP-49). */
  readonly applicationLogLevel?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  /** Only with `logFormat` `JSON`; default `INFO` (CAP-57). */
  readonly systemLogLevel?: "DEBUG" | "INFO" | "WARN";
  /** Default `/aws/lambda/<functionName>` (OBS-04). */
  readonly logGroup?: string;
  /** False makes managed runtimes write their log as lines on stdout, not as frames (CAP-36); default true. */
  readonly framedLog?: boolean;
  /** Default: the name of the directory or file. */
  readonly functionName?: string;
  /** `$LATEST` (default) or a number. */
  readonly functionVersion?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** 12 digits; default `123456789012`. */
  readonly accountId?: string;
  /** What the function finds in `AWS_ACCESS_KEY_ID` and its sisters; by default text that opens nothing. */
  readonly credentials?: Credentials;
  /** Default `on-demand`. */
  readonly initializationType?: InitializationType;
  /** `Active` makes X-Ray segments of sampled invocations; default `PassThrough`, which only forwards the trace header (OBS-67). */
  readonly tracing?: TracingMode;
}

/** @throws LambdariumError `invalid-setting` for the first setting that Lambda would refuse. */
export function checkSettings(settings: FunctionSettings): void {
  const { memorySizeMb, ephemeralStorageMb, timeoutMs, environmentVariables, layers } = settings;
  checkWhole("memorySizeMb", memorySizeMb, 128, 10_240, "MB");
  checkWhole("ephemeralStorageMb", ephemeralStorageMb, 512, 10_240, "MB");
  checkWhole("timeoutMs", timeoutMs, 1000, 900_000, "ms");
  if (timeoutMs !== undefined && timeoutMs % 1000 !== 0)
    throw invalid("timeoutMs", timeoutMs, "Lambda takes whole seconds only");
  if (layers !== undefined && layers.length > 5)
    throw invalid("layers", layers.length, "a function has five layers at most");
  if (environmentVariables !== undefined) checkVariables(environmentVariables);
  checkPattern("functionName", settings.functionName, /^[\w-]{1,64}$/, "1 to 64 letters, digits, - and _");
  checkPattern("functionVersion", settings.functionVersion, /^(\$LATEST|\d+)$/, "$LATEST or a number");
  checkPattern("accountId", settings.accountId, /^\d{12}$/, "12 digits");
  checkPattern("region", settings.region, /^[a-z]{2}(-[a-z]+)+-\d+$/, "a region such as eu-west-1");
  checkInitializationType(settings.initializationType);
  checkPattern("tracing", settings.tracing, /^(Active|PassThrough)$/, "Active or PassThrough");
  checkLogging(settings);
}

/** CAP-49, and the pattern of the API's LoggingConfig. */
function checkLogging({ logGroup, logFormat, applicationLogLevel, systemLogLevel }: FunctionSettings): void {
  checkPattern("logGroup", logGroup, /^[.\-_/#A-Za-z0-9]{1,512}$/, "1 to 512 letters, digits, ., -, _, / and #");
  for (const [name, level] of Object.entries({ applicationLogLevel, systemLogLevel }))
    if (level !== undefined && logFormat !== "JSON")
      throw invalid(name, level, "log levels go with the log format JSON");
}

const invalid = (setting: string, value: unknown, why: string) => failure("invalid-setting", { setting, value, why });

function checkWhole(setting: string, value: number | undefined, least: number, most: number, unit: string): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw invalid(setting, value, `it is a whole number of ${unit} from ${least} to ${most}`);
}

function checkPattern(setting: string, value: string | undefined, pattern: RegExp, what: string): void {
  if (value !== undefined && !pattern.test(value)) throw invalid(setting, value, `it is ${what}`);
}

/** EXT-100: several invocations at once are another process model. */
function checkInitializationType(type: string | undefined): void {
  if (type === undefined || initializationTypes.has(type)) return;
  const why =
    type === "lambda-managed-instances"
      ? "managed instances, which run several invocations at once, are not offered"
      : `it is one of ${[...initializationTypes].join(", ")}`;
  throw invalid("initializationType", type, why);
}

/** EVT-10 */
const initializationTypes = new Set<string>(["on-demand", "provisioned-concurrency", "snap-start"]);

/** ENV-56 */
const reserved = new Set([
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_RUNTIME_API",
  "_HANDLER",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "_X_AMZN_TRACE_ID",
]);

/** ENV-55 */
const mostVariableBytes = 4096;

/** ENV-54 to ENV-56 */
function checkVariables(variables: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(variables)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (reserved.has(name)) throw invalid(`environment variable ${name}`, value, "Lambda reserves this name");
    if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(name))
      throw invalid(
        "environment variable",
        name,
        "a name begins with a letter and has at least two letters, digits or underscores",
      );
  }
  if (bytes > mostVariableBytes)
    throw invalid(
      "environmentVariables",
      `${bytes} bytes`,
      `all names and values together have ${mostVariableBytes} bytes at most`,
    );
}
