import { Readable } from "node:stream";
import { streamingBurstBytes, streamingBytesPerSecond } from "../protocol/runtime-api.ts";
import type { Clock } from "./clock.ts";

/**
 * A response on its way to the caller: the first 6 MiB pass at once, the rest at 2 MiB a second unless that is switched
 * off (RT-55, RT-56). A caller that goes away does not stop the invocation: its bytes are dropped (RT-64).
 */
export class ResponseStream extends Readable {
  /** The runtime's content type, once it is known (RT-52). */
  contentType: string | undefined;
  readonly #received: Uint8Array[] = [];
  readonly #clock: Clock;
  readonly #limited: boolean;
  #bytes = 0;
  /** When the first byte beyond the burst passed. */
  #limitedSince: number | undefined;

  constructor(clock: Clock, limited: boolean) {
    super();
    this.#clock = clock;
    this.#limited = limited;
  }

  override _read(): void {
    // Bytes come when the runtime sends them; nothing can be asked for.
  }

  /** A promise means: take no more until it is fulfilled. */
  deliver(chunk: Uint8Array): Promise<void> | undefined {
    if (this.destroyed) return undefined;
    this.#bytes += chunk.length;
    this.#received.push(chunk);
    this.push(chunk);
    if (!this.#limited || this.#bytes <= streamingBurstBytes) return undefined;
    this.#limitedSince ??= this.#clock.now();
    const due = this.#limitedSince + ((this.#bytes - streamingBurstBytes) / streamingBytesPerSecond) * 1000;
    if (due <= this.#clock.now()) return undefined;
    return new Promise((resolve) => this.#clock.at(due, resolve));
  }

  /** Everything that came so far, whether somebody read it or not. */
  payload(): Uint8Array {
    const [only] = this.#received;
    return this.#received.length === 1 && only !== undefined ? only : Buffer.concat(this.#received);
  }

  finish(last: Uint8Array): void {
    if (last.length > 0) this.#received.push(last);
    if (this.destroyed) return;
    if (last.length > 0) this.push(last);
    this.push(null);
  }
}
