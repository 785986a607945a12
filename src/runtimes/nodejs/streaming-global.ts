/** The global `awslambda`, by which functions ask for response streaming (ENV-122, ENV-125). */

/** Marks on the handler; other runtime clients and wrappers of handlers know these names. */
export const streamingKey = Symbol.for("aws.lambda.runtime.handler.streaming");
export const highWaterMarkKey = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

type Marked = { [streamingKey]?: unknown; [highWaterMarkKey]?: unknown };

interface PreludeStream {
  setContentType(type: string): void;
  _onBeforeFirstWrite?: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
}

/** Prepends the HTTP status, headers and cookies of a streamed response. */
const HttpResponseStream = {
  from<S extends PreludeStream>(stream: S, metadata: unknown): S {
    stream.setContentType("application/vnd.awslambda.http-integration-response");
    const prelude = JSON.stringify(metadata);
    stream._onBeforeFirstWrite = (write) => {
      write(prelude);
      // JSON text holds no NUL, so eight of them end it beyond doubt.
      write(new Uint8Array(8));
    };
    return stream;
  },
};

function streamifyResponse<H extends Marked>(handler: H, options?: { readonly highWaterMark?: unknown }): H {
  handler[streamingKey] = "response";
  const highWaterMark = options?.highWaterMark;
  if (typeof highWaterMark === "number") handler[highWaterMarkKey] = Math.trunc(highWaterMark);
  return handler;
}

/** ENV-127: code that brings its own `awslambda` can keep ours away. */
export function provideGlobals(): void {
  const optOut = process.env["AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA"];
  if (optOut === "1" || optOut === "true") return;
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream } });
}
