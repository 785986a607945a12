/** An invocation: what is asked, what the caller is answered, and how it ended. */
import type { Report, Tracing, Verdict } from "../protocol/telemetry-records.ts";
import type { TracedAttempt } from "../protocol/traced-invocation.ts";

export interface Invocation {
  readonly requestId: string;
  /** Unique to the attempt (RT-26). */
  readonly invocationId: string;
  readonly payload: Uint8Array;
  readonly contentType: string;
  /** As invoked, qualifier included (RT-20). */
  readonly invokedFunctionArn: string;
  /** RT-21; the runtime's and the extensions' differ only when a trace is sampled and active (OBS-64, OBS-65). */
  readonly runtimeTraceHeader: string;
  readonly extensionTraceHeader: string;
  /** For telemetry: only of a sampled invocation (EVT-16). */
  readonly tracing?: Tracing;
  /** Only when the platform makes segments of it (OBS-67). */
  readonly trace?: TracedAttempt;
  readonly clientContext?: string;
  readonly cognitoIdentity?: { readonly identityId: string; readonly identityPoolId: string };
  readonly tenantId?: string;
  /** The caller reads the response while it arrives (RT-51). */
  readonly streaming: boolean;
}

/** A JSON payload the platform makes itself; keys in this order (RT-102 and following). */
export interface PlatformErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** What the caller gets; exactly one per accepted invocation. */
export type InvocationAnswer =
  | { readonly kind: "response"; readonly body: Uint8Array; readonly contentType: string | undefined }
  /** The bytes went to the caller while they arrived; here is the end (RT-51, RT-63). */
  | {
      readonly kind: "streamed response";
      /** Why it broke off: the error JSON that the caller of a response that was not streamed would have (SVC-164). */
      readonly failure?: string;
    }
  /** Status 200 with `FunctionError: Unhandled`: the body the runtime posted, as it stands (RT-66, RT-78). */
  | { readonly kind: "posted error"; readonly body: Uint8Array }
  /** Status 200 with `FunctionError: Unhandled`: the platform's own payload. */
  | { readonly kind: "platform error"; readonly payload: PlatformErrorPayload }
  /** An error of the Invoke API itself (RT-88, RT-89, LIFE-80). */
  | {
      readonly kind: "service error";
      readonly exception: "SnapStartException" | "SnapStartTimeoutException" | "ServiceException";
      readonly status: number;
      readonly message: string;
    };

/** The first fatal event of a generation (LIFE-67). */
export interface Fatal extends Verdict {
  /** The text behind `RequestId: <id> Error: ` (RT-107). */
  readonly text: string;
  /** It was the end of the runtime's own process (RT-78, LIFE-59). */
  readonly runtimeEnded?: boolean;
}

/** The report but for the memory, which the host measures when it accepts the record (ENV-82). */
export type ReportDraft = Omit<Report, "maxMemoryUsedMB">;
