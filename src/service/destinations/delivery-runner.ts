/** Sends deliveries, again where they are refused, and keeps what cannot be sent (SVC-191, SVC-195). */
import type { Clock } from "../../host/clock.ts";
import type { EventJournal } from "../events/event-journal.ts";
import type { InvocationMetrics } from "../invoke/invocation-metrics.ts";
import type { Delivery, OutboxEntry } from "./delivery.ts";
import type { Sending } from "./send-delivery.ts";

/** SVC-195 */
const moreTries = 3;
const betweenTriesMs = 1000;
/** The outbox is there to be looked at, not to grow for ever. */
const mostOutboxEntries = 10_000;

export interface DeliveryRunnerOptions {
  readonly clock: Clock;
  readonly journal: EventJournal;
  readonly metrics: InvocationMetrics;
  readonly send: (delivery: Delivery) => Promise<Sending>;
  readonly outbox: readonly OutboxEntry[];
  /** Told what could not be noted. */
  readonly faulted: (cause: unknown) => void;
}

export class DeliveryRunner {
  readonly #options: DeliveryRunnerOptions;
  readonly #outbox: OutboxEntry[];
  readonly #waiting = new Set<() => void>();
  #underWay = 0;
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(options: DeliveryRunnerOptions) {
    this.#options = options;
    this.#outbox = [...options.outbox];
  }

  get outbox(): readonly OutboxEntry[] {
    return this.#outbox;
  }

  run(delivery: Delivery): void {
    void this.#try(delivery, 0);
  }

  /** Starts no further try; what is left waits for the next start where there is a journal. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const callOff of this.#waiting) callOff();
    if (this.#underWay > 0) await new Promise<void>((idle) => (this.#idle = idle));
  }

  async #try(delivery: Delivery, tried: number): Promise<void> {
    if (this.#stopped) return;
    this.#underWay += 1;
    const sending = await this.#options.send(delivery);
    this.#underWay -= 1;
    if (sending.kind === "sent") this.#noteEnd(delivery, undefined);
    else if (sending.kind === "kept") this.#keep({ delivery });
    else if (tried < moreTries) this.#later(delivery, tried + 1);
    else this.#giveUp({ delivery, error: sending.why });
    if (this.#underWay === 0) this.#idle?.();
  }

  #later(delivery: Delivery, tried: number): void {
    const { clock } = this.#options;
    const callOff = clock.at(clock.now() + betweenTriesMs, () => {
      this.#waiting.delete(callOff);
      void this.#try(delivery, tried);
    });
    this.#waiting.add(callOff);
  }

  #giveUp(entry: OutboxEntry): void {
    const { clock, metrics } = this.#options;
    const { name, region, qualifier } = entry.delivery.target;
    const target = { functionName: name, region, ...(qualifier === undefined ? {} : { qualifier }) };
    if (entry.delivery.kind === "dlq") metrics.deadLetterFailed(target, clock.now());
    else metrics.destinationFailed(target, clock.now());
    this.#keep(entry);
  }

  #keep(entry: OutboxEntry): void {
    this.#noteEnd(entry.delivery, entry);
    this.#outbox.push(entry);
    if (this.#outbox.length > mostOutboxEntries) this.#outbox.shift();
  }

  /** On a full disk deliveries go on; what could not be noted is sent once more after a restart. */
  #noteEnd({ id }: Delivery, entry: OutboxEntry | undefined): void {
    try {
      this.#options.journal.endDelivery(id, entry);
    } catch (cause) {
      this.#options.faulted(cause);
    }
  }
}
