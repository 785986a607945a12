/** The Runtime API, version 2018-06-01, as data (spec: runtime-api). */

export const runtimeRoutes = {
  ping: "/2018-06-01/ping",
  next: "/2018-06-01/runtime/invocation/next",
  /** Followed by `<request id>/response` or `<request id>/error`. */
  invocation: "/2018-06-01/runtime/invocation/",
  initError: "/2018-06-01/runtime/init/error",
  restoreNext: "/2018-06-01/runtime/restore/next",
  restoreError: "/2018-06-01/runtime/restore/error",
} as const;

/** Header names in the spelling AWS writes them (RT-07). */
export const runtimeHeaders = {
  requestId: "Lambda-Runtime-Aws-Request-Id",
  invocationId: "Lambda-Runtime-Invocation-Id",
  deadlineMs: "Lambda-Runtime-Deadline-Ms",
  invokedFunctionArn: "Lambda-Runtime-Invoked-Function-Arn",
  traceId: "Lambda-Runtime-Trace-Id",
  clientContext: "Lambda-Runtime-Client-Context",
  cognitoIdentity: "Lambda-Runtime-Cognito-Identity",
  tenantId: "Lambda-Runtime-Aws-Tenant-Id",
  responseMode: "Lambda-Runtime-Function-Response-Mode",
  functionErrorType: "Lambda-Runtime-Function-Error-Type",
  functionErrorBody: "Lambda-Runtime-Function-Error-Body",
  xrayErrorCause: "Lambda-Runtime-Function-XRay-Error-Cause",
} as const;

/** RT-42: 6 × 1,048,576 + 100. */
export const maxBufferedResponseBytes = 6_291_556;

/** RT-53 */
export const maxStreamedResponseBytes = 209_715_200;

/** RT-55: what passes without limit, and the rate after it. */
export const streamingBurstBytes = 6_291_456;
export const streamingBytesPerSecond = 2_097_152;

/** RT-28 */
export const maxSynchronousEventBytes = 6_291_456;

/** RT-74 */
export const maxXrayCauseBytes = 65_536;

/** RT-72 */
export const errorCauseContentType = "application/vnd.aws.lambda.error.cause+json";
