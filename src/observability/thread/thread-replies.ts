/** What a thread of ours tells the main thread. */

/** The first one, with id 0, says how opening went. */
export type ThreadReply =
  | { readonly id: number; readonly kind: "done"; readonly result: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly error: ThreadFailure }
  /** Unasked: what the developer should know. */
  | { readonly id: undefined; readonly kind: "told"; readonly text: string };

/** Errors lose their members on the way between threads. */
export interface ThreadFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

export function asFailure(error: unknown): ThreadFailure {
  const { name, message, code, stack } = error as Error & { code?: string };
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
  };
}
