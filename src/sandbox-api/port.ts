import type { Call, Outcome } from "../environment/calls.ts";
import type { Refusal } from "../protocol/refusals.ts";
import type { SubscriptionApi } from "../protocol/subscription-api.ts";

/** Who waits for an outcome. An `AbortSignal` says the same, and takes longer to make than most calls to answer. */
export interface Caller {
  /** Calls back once if the connection is lost before the answer was written to its end. */
  whenLost(callBack: () => void): void;
}

/** What the sandbox API asks of whoever runs the environment. */
export interface EnvironmentPort {
  /** Facts a registration is answered with (EXT-23, EXT-26). */
  readonly functionName: string;
  readonly functionVersion: string;
  readonly handler: string;
  readonly accountId: string;
  /** Whether the restore routes exist (RT-83). */
  readonly snapStart: boolean;
  /**
   * Gives the outcome of a call; a parked one may take hours. When the connection is lost before the answer was written
   * to its end (RT-31, EXT-65), the promise stays unsettled.
   */
  ask(call: Call, caller: Caller): Promise<Outcome>;
  /** Whether extensions are switched off (EXT-98); read at each request, since it is known only when Init began. */
  readonly extensionsSwitchedOff: boolean;
  /**
   * Takes the bytes of a response while they arrive, after an outcome `read body` with `stream` (RT-51). A promise means:
   * read on only when it is fulfilled (RT-55); it must be fulfilled, not rejected, also when the invocation is over.
   */
  streamChunk(requestId: string, chunk: Uint8Array): Promise<void> | undefined;
  /** The streamed response got its content type (RT-52); called once, before its first chunk. */
  streamBegins(requestId: string, contentType: string | undefined): void;
  /** A new lower-case UUID. */
  newIdentifier(): string;
  /**
   * Subscribes an extension that the environment allowed to (TEL-12 to TEL-63), or `undefined` when the platform is
   * configured without telemetry (TEL-06, LGS-07).
   */
  readonly subscribe?: (request: {
    readonly extensionName: string;
    readonly api: SubscriptionApi;
    readonly body: Uint8Array;
  }) => SubscribeAnswer;
  /** Hears of each refusal that the sandbox API made without asking, for the developer (EXT-102). */
  readonly refusedUnasked?: (refused: RefusedRequest) => void;
  /** What `AWS_LAMBDA_METADATA_API` serves (ENV-60). */
  readonly metadata?: { readonly token: string; readonly availabilityZoneId: string };
  /** Hears why a call was answered 500 (RT-50): what `ask` rejected with, or a defect of the sandbox API itself. */
  readonly faulted?: (cause: unknown) => void;
  /** Credentials for `AWS_CONTAINER_CREDENTIALS_FULL_URI` (RT-91); absent where the function gets them by variables. */
  readonly containerCredentials?: ContainerCredentials;
}

/** A request that was refused by its form. */
export interface RefusedRequest {
  readonly method: string;
  readonly target: string;
  /** `Lambda-Extension-Name`, where the request has one. */
  readonly extensionName: string | undefined;
  readonly refusal: Refusal;
}

/** The body is written as it stands: the agent's answers have their own form (telemetry-api, "agent answer"). */
export interface SubscribeAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ContainerCredentials {
  readonly path: string;
  readonly token: string;
  readonly body: () => {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly Token: string;
    readonly Expiration: string;
  };
}
