/** An operation of an API that has one URL for all: what goes in, what comes out, how it refuses. */
import { conform } from "./conform.ts";
import type { Shape } from "./shapes.ts";
import type { CredentialScope } from "./exchange.ts";

/** What AWS answers instead of a result. */
export interface Refusal {
  /** Name of the exception in AWS's model. */
  readonly name: string;
  /** Code in the protocol `query`; default: the name. */
  readonly queryCode?: string;
  readonly status: number;
  readonly message: string;
  /** Further members of the exception. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Outcome<Output> = { readonly output: Output } | { readonly refusal: Refusal };

/** Who asks. */
export interface CallContext {
  readonly scope: CredentialScope | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface RpcOperation {
  readonly input: Shape<unknown>;
  /** Absent where nothing comes back. */
  readonly output: Shape<unknown> | undefined;
  /** `raw`: the input as its protocol decoded it. */
  readonly answer: (raw: unknown, context: CallContext) => Promise<Outcome<unknown>>;
}

export const operation = <Input, Output>(
  input: Shape<Input>,
  output: Shape<Output> | undefined,
  answer: (input: Input, context: CallContext) => Promise<Outcome<Output>> | Outcome<Output>,
): RpcOperation => ({
  input,
  output,
  answer: async (raw, context) => {
    const conformed = conform(input, raw);
    return "problem" in conformed
      ? {
          refusal: {
            name: "ValidationException",
            queryCode: "ValidationError",
            status: 400,
            message: conformed.problem,
          },
        }
      : answer(conformed.value, context);
  },
});
