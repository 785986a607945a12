/**
 * A protocol case as data: what is so beforehand, what is sent, what must come back. Nothing here knows who is asked, so
 * the same cases can be played against a scripted peer and against a running environment.
 */

/** The function every case is played on. */
export const givenFunction = {
  name: "parcel-labels",
  version: "$LATEST",
  handler: "labels.print",
  accountId: "123456789012",
} as const;

/**
 * What is so before the first exchange. Each comes with facts that stand in braces in a case: `{requestId}` of the
 * invocation, `{identifier}` of the extension.
 */
export type Situation =
  /** Init has begun, nobody has called; facts: `{unknown}`, an identifier nobody has. */
  | "Init has begun"
  /** Sent with `{"parcel":17}` to alias `live`, with nothing else; facts: `{requestId}`. */
  | "an invocation waits for the runtime"
  /** With client context `{"client":{"app_title":"Läden"}}`, identity, pool and tenant `blue`. */
  | "an invocation with everything waits for the runtime"
  | "an invocation without payload waits for the runtime"
  /** The runtime has it and has not answered; facts: `{requestId}`. */
  | "an invocation runs"
  /** As before; the caller reads a stream. */
  | "a streamed invocation runs"
  /** In Init, not yet asked for its first event; facts: `{identifier}`. */
  | "an extension is registered"
  /** Of the invocation above; facts: `{identifier}`, `{requestId}`. */
  | "an INVOKE event waits for an extension"
  | "a SHUTDOWN event waits for an extension"
  /** Init of a snap-start environment; the runtime has not called. */
  | "a snap-start environment begins"
  | "the platform is without telemetry"
  /** Facts: `{identifier}`. */
  | "extensions are switched off"
  /** The Init is over; facts: `{identifier}`. */
  | "the subscription window is closed"
  /** Facts: `{path}`, `{token}`. */
  | "credentials come from the container provider";

/** A text, exact after its facts were filled in, or a pattern. */
export type Expected = string | { readonly pattern: string };

export interface Exchange {
  readonly send: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** A text, or that many bytes of `x`. */
    readonly body?: string | { readonly bytes: number };
    /** How the body is sent; "length" by default. */
    readonly framing?: "length" | "chunked" | "continue";
  };
  readonly expect: {
    readonly status: number;
    /** Names in exactly this spelling. */
    readonly headers?: Readonly<Record<string, Expected>>;
    /** In no spelling. */
    readonly absent?: readonly string[];
    readonly body?: Expected;
  };
  /** Facts for later exchanges: the name of a fact, and the answer's header it is taken from. */
  readonly keep?: Readonly<Record<string, string>>;
}

export interface Case {
  readonly title: string;
  readonly given: Situation;
  readonly exchanges: readonly Exchange[];
  /** What the caller of the invocation receives. */
  readonly caller?: {
    readonly kind: "response" | "function error" | "response too large";
    /** Absent where the payload is not the runtime's. */
    readonly payload?: string | { readonly bytes: number };
  };
}
