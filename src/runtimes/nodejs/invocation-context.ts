/** The context object of one invocation (ENV-119 to ENV-121). */
import type { Headers, InvocationRequest } from "./runtime-api.ts";

const { env } = process;

/** These cannot change while the process lives, and reading `process.env` is a system call each time. */
const ofEnvironment = {
  functionVersion: env["AWS_LAMBDA_FUNCTION_VERSION"],
  functionName: env["AWS_LAMBDA_FUNCTION_NAME"],
  memoryLimitInMB: env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
  logGroupName: env["AWS_LAMBDA_LOG_GROUP_NAME"],
  logStreamName: env["AWS_LAMBDA_LOG_STREAM_NAME"],
};

/**
 * Adds to `base` what every handler gets. Members that were not sent exist and are `undefined`.
 *
 * @throws when a header that must be JSON is not.
 */
export function addContext<B extends object>(base: B, { id, headers }: InvocationRequest): B {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  return Object.assign(base, ofEnvironment, {
    clientContext: jsonHeader(headers, "lambda-runtime-client-context", "ClientContext"),
    identity: jsonHeader(headers, "lambda-runtime-cognito-identity", "CognitoIdentity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: id,
    tenantId: tenantOf(headers),
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  });
}

export function tenantOf(headers: Headers): string | undefined {
  return headers["lambda-runtime-aws-tenant-id"];
}

/** ENV-121: what the X-Ray SDK reads. */
export function publishTrace(headers: Headers): void {
  const trace = headers["lambda-runtime-trace-id"];
  if (trace === undefined) delete env["_X_AMZN_TRACE_ID"];
  else env["_X_AMZN_TRACE_ID"] = trace;
}

function jsonHeader(headers: Headers, header: string, name: string): unknown {
  const raw = headers[header];
  if (raw === undefined) return undefined;
  try {
    return JSON.parse(raw);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${String(error)}`, { cause: error });
  }
}
