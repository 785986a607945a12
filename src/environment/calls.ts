/**
 * The calls that processes inside an environment make of the sandbox API, and what the environment says to them.
 * `sandbox-api` parses a request into a call and renders an outcome into an answer; nobody else knows HTTP.
 */
import type { Refusal } from "../protocol/refusals.ts";
import type { ShutdownReason } from "../protocol/extensions-api.ts";

/** Names one call while it waits for its outcome; unique within an environment. */
export type CallId = number;

/** How a request body ended. */
export type Upload =
  | {
      readonly kind: "complete";
      readonly body: Uint8Array;
      readonly contentType: string | undefined;
      /** The trailers of RT-60, when they were sent. */
      readonly trailers?: { readonly errorType: string | undefined; readonly errorBody: string | undefined };
    }
  /** Longer than the limit of RT-42. */
  | { readonly kind: "too large" }
  /** Ended before its announced length or last chunk (RT-49). */
  | { readonly kind: "truncated" };

export type Call =
  | { readonly call: "runtime next" }
  | { readonly call: "restore next" }
  /** May the body be read? Everything that can be judged by the request line and headers (RT-36 to RT-41, RT-46). */
  | {
      readonly call: "response begins";
      readonly requestId: string;
      /** `Lambda-Runtime-Invocation-Id`, when the runtime echoes it. */
      readonly invocationId: string | undefined;
      /** `Lambda-Runtime-Function-Response-Mode` as sent. */
      readonly responseMode: string | undefined;
      readonly contentType: string | undefined;
    }
  | { readonly call: "response ends"; readonly requestId: string; readonly upload: Upload; readonly bytes: number }
  | { readonly call: "error begins"; readonly requestId: string; readonly invocationId: string | undefined }
  | {
      readonly call: "error ends";
      readonly requestId: string;
      readonly upload: Upload;
      /** `Lambda-Runtime-Function-Error-Type` as sent. */
      readonly errorType: string | undefined;
      /** `Lambda-Runtime-Function-XRay-Error-Cause`, checked and shortened (RT-73, RT-74). */
      readonly xrayCause: string | undefined;
    }
  | { readonly call: "init error"; readonly errorType: string | undefined; readonly body: Uint8Array }
  | { readonly call: "restore error"; readonly errorType: string | undefined; readonly body: Uint8Array }
  | {
      readonly call: "register";
      readonly name: string;
      /** As sent: unknown names are the environment's to refuse (EXT-35). */
      readonly events: readonly string[];
      /** The identifier the extension gets if it is accepted: chance is an argument (EXT-16). */
      readonly freshIdentifier: string;
    }
  /** `identifier` is normalized to a lower-case UUID (EXT-45). */
  | { readonly call: "event next"; readonly identifier: string }
  | { readonly call: "extension init error"; readonly identifier: string; readonly errorType: string }
  | { readonly call: "extension exit error"; readonly identifier: string; readonly errorType: string }
  /** May this extension subscribe now? (TEL-41 to TEL-44, LGS-06) */
  | { readonly call: "subscribe"; readonly identifier: string; readonly api: "telemetry" | "logs" };

export type CallName = Call["call"];

/** An invocation as the runtime's `next` gets it (RT-16 to RT-27). */
export interface InvocationEvent {
  readonly requestId: string;
  readonly invocationId: string;
  readonly deadlineMs: number;
  readonly invokedFunctionArn: string;
  /** Trace header of the invocation (RT-21). */
  readonly traceHeader: string;
  /** Decoded JSON text (RT-23). */
  readonly clientContext: string | undefined;
  readonly cognitoIdentity: { readonly identityId: string; readonly identityPoolId: string } | undefined;
  readonly tenantId: string | undefined;
  readonly contentType: string;
  readonly payload: Uint8Array;
}

/** What the environment says to a call. */
export type Outcome =
  | { readonly kind: "invocation"; readonly event: InvocationEvent }
  | { readonly kind: "restored" }
  /** 202 `{"status":"OK"}`. */
  | { readonly kind: "accepted" }
  /** The body may be read now. With `stream`, its bytes go to the caller while they arrive (RT-51). */
  | { readonly kind: "read body"; readonly stream: boolean; readonly maxBytes: number }
  | { readonly kind: "registered"; readonly identifier: string }
  | {
      readonly kind: "invoke event";
      readonly deadlineMs: number;
      readonly requestId: string;
      readonly invokedFunctionArn: string;
      readonly traceHeader: string;
    }
  | { readonly kind: "shutdown event"; readonly deadlineMs: number; readonly reason: ShutdownReason }
  /** The extension of this name may subscribe. */
  | { readonly kind: "may subscribe"; readonly extensionName: string }
  /** Extensions are switched off (EXT-98): 404 with an empty body. */
  | { readonly kind: "switched off" }
  | { readonly kind: "refused"; readonly refusal: Refusal };
