import type { Call, CallId, Outcome } from "../environment/calls.ts";

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
   * Gives the outcome of a call; a parked one may take hours. `abandoned` aborts when the connection is lost before
   * the answer was written to its end (RT-31, EXT-65); the promise then stays unsettled.
   */
  ask(call: Call, abandoned: AbortSignal): Promise<Outcome>;
  /** Takes the bytes of a response while they arrive, after an outcome `read body` with `stream` (RT-51). */
  streamChunk(requestId: string, chunk: Uint8Array): void;
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
    readonly api: "telemetry" | "logs";
    readonly body: Uint8Array;
  }) => SubscribeAnswer;
  /** Credentials for `AWS_CONTAINER_CREDENTIALS_FULL_URI` (RT-91); absent where the function gets them by variables. */
  readonly containerCredentials?: ContainerCredentials;
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

export type { Call, CallId, Outcome };
