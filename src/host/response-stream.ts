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
  /** The runtime streams: its bytes are on their way before it is done (RT-51). */
  began = false;
  readonly #received: Uint8Array[] = [];
  readonly #clock: Clock;
  readonly #limited: boolean;
  #bytes = 0;
  #finished = false;
  /** When what came so far beyond the burst has had its time. */
  #due = 0;
  /** Lets whoever waits for that go on at once. */
  #letGo: (() => void) | undefined;

  constructor(clock: Clock, limited: boolean) {
    super();
    this.#clock = clock;
    this.#limited = limited;
  }

  override _read(): void {
    // Bytes come when the runtime sends them; nothing can be asked for.
  }

  /** A promise means: take no more until it is fulfilled. What comes after the end is dropped. */
  deliver(chunk: Uint8Array): Promise<void> | undefined {
    if (this.destroyed || this.#finished) return undefined;
    this.#bytes += chunk.length;
    this.#received.push(chunk);
    this.push(chunk);
    if (!this.#limited || this.#bytes <= streamingBurstBytes) return undefined;
    const beyond = Math.min(chunk.length, this.#bytes - streamingBurstBytes);
    // A pause of the runtime saves up nothing: it is a rate, not a sum.
    const from = Math.max(this.#due, this.#clock.now());
    this.#due = from + (beyond / streamingBytesPerSecond) * 1000;
    return this.#untilDue();
  }

  /** Everything that came so far, whether somebody read it or not. */
  payload(): Uint8Array {
    const [only] = this.#received;
    return this.#received.length === 1 && only !== undefined ? only : Buffer.concat(this.#received);
  }

  finish(last: Uint8Array): void {
    this.#finished = true;
    this.#letGo?.();
    if (last.length > 0) this.#received.push(last);
    if (this.destroyed) return;
    if (last.length > 0) this.push(last);
    this.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#letGo?.();
    done(error);
  }

  #untilDue(): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#clock.at(this.#due, resolve);
      this.#letGo = () => {
        callOff();
        resolve();
      };
    });
  }
}
