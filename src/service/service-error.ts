/** An error of the Lambda API as a value: what a client of AWS's is told (SVC-09). */

export interface ServiceError {
  /** Name of the exception, as clients raise it. */
  readonly name: ServiceErrorName;
  readonly message: string;
  /** Only in TooManyRequestsException (SVC-198). */
  readonly reason?: string;
}

/** Each with its status and the member its text goes by; `Type` follows from the status but where there is none. */
export const serviceErrors = {
  ResourceNotFoundException: { status: 404, member: "Message" },
  ServiceException: { status: 500, member: "Message" },
  InvalidRuntimeException: { status: 502, member: "Message" },
  InvalidZipFileException: { status: 502, member: "Message" },
  CodeSigningConfigNotFoundException: { status: 404, member: "Message" },
  SnapStartException: { status: 400, member: "Message" },
  SnapStartNotReadyException: { status: 409, member: "Message" },
  SnapStartTimeoutException: { status: 408, member: "Message" },
  InvalidParameterValueException: { status: 400, member: "message" },
  ResourceConflictException: { status: 409, member: "message" },
  TooManyRequestsException: { status: 429, member: "message" },
  PreconditionFailedException: { status: 412, member: "message" },
  InvalidRequestContentException: { status: 400, member: "message" },
  RequestTooLargeException: { status: 413, member: "message" },
  CodeStorageExceededException: { status: 400, member: "message" },
  PolicyLengthExceededException: { status: 400, member: "message" },
  ProvisionedConcurrencyConfigNotFoundException: { status: 404, member: "message" },
  AccessDeniedException: { status: 403, member: "Message" },
  NotImplementedException: { status: 501, member: "Message" },
  UnknownOperationException: { status: 404, member: "Message" },
  // No `Type` in those that AWS answers before Lambda itself has looked (SVC-10, SVC-20, SVC-131).
  ValidationException: { status: 400, member: "message", type: false },
  SerializationException: { status: 400, member: "Message" },
  RequestEntityTooLargeException: { status: 413, member: "Message", type: false },
} as const satisfies Record<
  string,
  { readonly status: number; readonly member: "Message" | "message"; readonly type?: false }
>;

export type ServiceErrorName = keyof typeof serviceErrors;

export const serviceError = (name: ServiceErrorName, message: string): ServiceError => ({ name, message });
