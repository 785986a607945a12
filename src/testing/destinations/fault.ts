/** What may be wrong with a back end, and for how many requests. */

export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly why: string; readonly retryAfterMs?: number }
  /** Answers as ever, later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Takes the records, and its answer breaks off in the middle. */
  | { readonly kind: "half" }
  | { readonly kind: "silent" }
  | { readonly kind: "reject"; readonly which: (record: never) => boolean };

export interface FaultOptions {
  /** For how many requests; default all until `recover()`. */
  readonly times?: number;
}

/** The fault there is, used up request by request. */
export class CurrentFault {
  #fault: Fault | undefined;
  #left = 0;

  set(fault: Fault, { times = Number.POSITIVE_INFINITY }: FaultOptions = {}): void {
    this.#fault = fault;
    this.#left = times;
  }

  clear(): void {
    this.#fault = undefined;
  }

  /** For one more request. */
  take(): Fault | undefined {
    if (this.#fault === undefined || this.#left <= 0) return undefined;
    this.#left -= 1;
    return this.#fault;
  }
}
