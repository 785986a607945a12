/** The one error type of the toolkit: what happened, and what to do about it. */

/** Every code, with what it means. */
export const extensionErrorCodes = {
  "no-runtime-api": "AWS_LAMBDA_RUNTIME_API is not set: the program was not started by Lambda",
  "bad-definition": "defineExtension was given something that cannot be",
  "registration-refused": "the Extensions API refused the registration",
  "next-refused": "the Extensions API refused to hand out the next event",
  "platform-unreachable": "the sandbox API did not answer",
  "subscription-refused": "the Telemetry or Logs API refused the subscription",
  "telemetry-not-supported": "this platform has no Telemetry API",
  "listener-failed": "no port could be listened on",
  "hook-failed": "a hook of the extension threw",
  "hook-overran": "a hook of the extension was not done in time",
  "deadline-passed": "the time Lambda gave is over",
  "spool-failed": "the spool could not be written or read",
  "destination-failed": "the destination did not take what it was sent",
  "record-dropped": "a record was given up, and counted",
  "port-fallback": "the preferred port was taken",
} as const;

export type ExtensionErrorCode = keyof typeof extensionErrorCodes;

export class ExtensionError extends Error {
  override readonly name = "ExtensionError";
  readonly code: ExtensionErrorCode;
  /** HTTP status and error type of the platform's answer, when there was one. */
  readonly answer: { readonly status: number; readonly errorType?: string } | undefined;

  constructor(
    code: ExtensionErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly answer?: ExtensionError["answer"] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.answer = options.answer;
  }
}

/** The message of whatever was thrown, in one line. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}
