/**
 * How Lambda refuses a call of the Runtime and Extensions API: status, error type and text, as data (RT-04, EXT-03).
 */

export interface Refusal {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

const refusal = (status: number, errorType: string, errorMessage: string): Refusal => ({
  status,
  errorType,
  errorMessage,
});

const transition = (from: string, to: string, whom: string, ending: string): string =>
  `State transition from ${from} to ${to} failed for ${whom}. Error: ${ending}`;

const notAllowed = "State transition is not allowed";
const concurrent = "Concurrent state modification";

export type RuntimeTarget =
  | "Ready"
  | "InvocationResponse"
  | "InvocationErrorResponse"
  | "InitError"
  | "RuntimeRestoreErrorState";

/** RT-92 */
export const runtimeTransitionRefused = (from: string, to: RuntimeTarget): Refusal =>
  refusal(403, "InvalidStateTransition", transition(from, to, "runtime", notAllowed));

/** RT-100 */
export const runtimeStateChanged = (from: string, to: RuntimeTarget): Refusal =>
  refusal(403, "InvalidStateTransition", transition(from, to, "runtime", concurrent));

/** RT-36, RT-38 */
export const invalidRequestId = refusal(400, "InvalidRequestID", "Invalid request ID");

/** RT-40 */
export const invokeTimeout = refusal(410, "InvokeTimeout", "Invoke timeout");

/** RT-43 */
export const requestEntityTooLarge = (maxBytes: number): Refusal =>
  refusal(413, "RequestEntityTooLarge", `Exceeded maximum allowed payload size (${maxBytes} bytes).`);

/** RT-47 */
export const invalidResponseMode = refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode");

/** RT-49 */
export const truncatedRequest = refusal(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");

/** RT-50, EXT-08 */
export const internalServerError = refusal(500, "InternalServerError", "Internal Server Error");

/** EXT-32 */
export const emptyExtensionName = refusal(403, "Extension.InvalidExtensionName", "Empty extension name");

/** EXT-33 */
export const invalidRequestFormat = (why: string): Refusal => refusal(403, "InvalidRequestFormat", why);

/** EXT-35, EXT-36 */
export const invalidEventType = (event: string, why: string): Refusal =>
  refusal(403, "Extension.InvalidEventType", `${event}: ${why}`);

export type ExtensionTarget = "Registered" | "Ready" | "InitError" | "Exited";

/** EXT-37 (by name), EXT-63, EXT-73, EXT-76 (by identifier) */
export const extensionTransitionRefused = (from: string, to: ExtensionTarget, whom: string): Refusal =>
  refusal(403, "Extension.InvalidExtensionState", transition(from, to, `extension ${whom}`, notAllowed));

/** EXT-81 */
export const extensionStateChanged = (from: string, to: ExtensionTarget, whom: string): Refusal =>
  refusal(403, "Extension.InvalidExtensionState", transition(from, to, `extension ${whom}`, concurrent));

/** EXT-38 */
export const extensionAlreadyRegistered = refusal(
  403,
  "Extension.InvalidExtensionState",
  "Extension with this name already registered",
);

/** EXT-39 */
export const registrationClosed = refusal(403, "Extension.RegistrationClosed", "Extension registration closed already");

/** EXT-40 */
export const tooManyExtensions = (limit: number): Refusal =>
  refusal(403, "Extension.TooManyExtensions", `Extension limit (${limit}) reached`);

/** EXT-43, TEL-41 */
export const missingIdentifier = refusal(
  403,
  "Extension.MissingExtensionIdentifier",
  "Missing Lambda-Extension-Identifier header",
);

/** EXT-44, TEL-42 */
export const invalidIdentifier = refusal(
  403,
  "Extension.InvalidExtensionIdentifier",
  "Invalid Lambda-Extension-Identifier",
);

/** EXT-46, TEL-43 */
export const unknownExtension = (identifier: string): Refusal =>
  refusal(403, "Extension.UnknownExtensionIdentifier", `Unknown extension ${identifier}`);

/** EXT-47 */
export const unknownIdentifier = refusal(
  403,
  "Extension.UnknownExtensionIdentifier",
  "Unknown Lambda-Extension-Identifier",
);

/** EXT-71 */
export const missingErrorType = refusal(
  403,
  "Extension.MissingHeader",
  "Lambda-Extension-Function-Error-Type not found",
);

/** TEL-44, LGS-06 */
export const subscriptionClosed = (api: "telemetry" | "logs"): Refusal =>
  api === "telemetry"
    ? refusal(403, "Telemetry.SubscriptionClosed", "Telemetry API subscription is closed already")
    : refusal(403, "Logs.SubscriptionClosed", "Logs API subscription is closed already");
