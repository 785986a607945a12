/** Rules for a function's configuration beyond the model (SVC-11, SVC-44 to SVC-46, SVC-66 to SVC-79). */
import type { Input } from "../model/operations.ts";
import { retiredRuntimeNames, runtimeNames } from "../model/runtime-names.ts";
import { invalidValue, refusal } from "../refusal.ts";

type Given = Partial<Omit<Input<"CreateFunction">, "FunctionName">>;

/** @throws Refusal for the first rule that is broken. */
export function checkConfiguration(given: Given): void {
  refuseUnoffered(given);
  if (given.Runtime !== undefined) checkRuntime(given.Runtime);
  if (given.Environment?.Variables !== undefined) checkVariables(given.Environment.Variables);
  if (given.Layers !== undefined && given.Layers.length > 5) throw invalidValue("Cannot reference more than 5 layers.");
  const logging = given.LoggingConfig;
  if (logging !== undefined && logging.LogFormat !== "JSON")
    for (const level of ["ApplicationLogLevel", "SystemLogLevel"] as const)
      if (logging[level] !== undefined)
        throw invalidValue(`${level} cannot be set when LogFormat is Text: log levels are for LogFormat JSON.`);
  if (given.DeadLetterConfig?.TargetArn) checkDeadLetterTarget(given.DeadLetterConfig.TargetArn);
}

function refuseUnoffered(given: Given): void {
  if (given.PackageType === "Image" || given.Code?.ImageUri !== undefined || given.ImageConfig !== undefined)
    throw invalidValue("Container images are not supported by this service: it runs functions of PackageType Zip.");
  for (const member of ["CapacityProviderConfig", "DurableConfig", "TenancyConfig", "PublishTo"] as const)
    if (given[member] !== undefined) throw invalidValue(`${member} is not supported by this service.`);
  if (given.CodeSigningConfigArn !== undefined)
    throw refusal(
      "CodeSigningConfigNotFoundException",
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${given.CodeSigningConfigArn}.`,
    );
}

function checkRuntime(runtime: string): void {
  if ((runtimeNames as readonly string[]).includes(runtime)) return;
  throw invalidValue(
    retiredRuntimeNames.has(runtime)
      ? `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`
      : `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${runtimeNames.join(", ")}] or be a valid ARN`,
  );
}

/** SVC-71 */
const mostVariableBytes = 4096;

/** SVC-72 */
const reservedNames: ReadonlySet<string> = new Set([
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_EXECUTION_ENV",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
]);

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(variables).filter((name) => reservedNames.has(name));
  const unable = "Lambda was unable to configure your environment variables because the environment variables you have";
  if (reserved.length > 0)
    throw invalidValue(
      `${unable} provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > mostVariableBytes)
    throw invalidValue(`${unable} provided exceeded the 4KB limit. String measured: ${measured}`);
}

function checkDeadLetterTarget(arn: string): void {
  if (!/^arn:[\w-]+:(?:sqs|sns):/.test(arn))
    throw invalidValue(`The dead-letter target ${arn} is neither an SQS queue nor an SNS topic.`);
  if (arn.endsWith(".fifo")) throw invalidValue(`The dead-letter target ${arn} is FIFO, which is not supported.`);
}
