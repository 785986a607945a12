/** Sends what is in the backlog, in order, one request at a time, until it is empty or the destination takes no more. */
import { afterAwakeMs } from "../deadline.ts";
import type { Destination, Origin, SendResult } from "../destinations/destination.ts";
import { reasonOf } from "../extension-error.ts";
import type { DropReason, TelemetryRecord } from "../telemetry-records.ts";
import type { Backlog } from "../spool/backlog.ts";
import { bytesOf, fillWindow, halves, type Window, type WindowRequest } from "./window.ts";

/** How a pass over the backlog ended. `moved` says whether anything was settled. */
export type PassOutcome =
  | { readonly kind: "emptied"; readonly moved: boolean }
  | { readonly kind: "stopped"; readonly moved: boolean; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: "closed"; readonly moved: boolean; readonly reason: string };

export interface SenderSettings {
  readonly origin: Origin;
  /** Milliseconds in which the process runs; a request that takes longer is given up and sent again. */
  readonly requestTimeoutMs: number;
  /** Told of records that were dropped for the destination's or the encoder's sake, with the reason. */
  readonly onDrop: (why: string) => void;
  /** Given each record that is dropped. */
  readonly onLost?: (record: TelemetryRecord, reason: DropReason) => void;
}

/** A search for refused records asks so often at most; then it is not the records that are wrong. */
const maxSearches = 64;

/** Requests that pass before a size that was found too large is tried again. */
const successesToGrow = 20;

export class Sender {
  readonly #backlog: Backlog;
  readonly #to: Destination;
  readonly #settings: SenderSettings;
  /** Survives a pass: items of it that were delivered are not sent again. */
  #window: Window | undefined;
  #maxBytes: number;
  #successes = 0;
  #searches = 0;

  constructor(backlog: Backlog, to: Destination, settings: SenderSettings) {
    this.#backlog = backlog;
    this.#to = to;
    this.#settings = settings;
    this.#maxBytes = to.limits.maxBytes;
  }

  /** One pass. Never throws. Ends soon after the signal is aborted, with what was being sent given up. */
  async pass(signal: AbortSignal): Promise<PassOutcome> {
    let moved = false;
    for (;;) {
      this.#window ??= this.#nextWindow();
      if (this.#window === undefined) return { kind: "emptied", moved };
      const stop = await this.#sendWindow(this.#window, signal);
      if (stop !== undefined) return { ...stop, moved: this.#settleBeginning(this.#window) || moved };
      this.#settle(this.#window.records);
      this.#window = undefined;
      moved = true;
    }
  }

  #nextWindow(): Window | undefined {
    const window = fillWindow(this.#backlog.records(), this.#to, this.#settings.origin, this.#maxBytes);
    if (window.records.length === 0) return undefined;
    this.#backlog.hold(window.records.length);
    this.#searches = 0;
    if (window.problem !== undefined) this.#settings.onDrop(window.problem);
    return window;
  }

  async #sendWindow({ requests }: Window, signal: AbortSignal): Promise<Stop | undefined> {
    for (;;) {
      const request = requests.shift();
      if (request === undefined) return undefined;
      if (signal.aborted) {
        requests.unshift(request);
        return { kind: "stopped", reason: "out of time" };
      }
      const stop = this.#judge(request, await this.#send(request, signal), requests);
      if (stop !== undefined) return stop;
    }
  }

  /** Puts back into `requests`, at the front, what is still to be sent of this one. */
  #judge(request: WindowRequest, result: SendResult, requests: WindowRequest[]): Stop | undefined {
    switch (result.kind) {
      case "delivered":
        this.#grow();
        return undefined;
      case "partly":
        return this.#judgePart(request, result.failed, requests);
      case "too large":
        this.#maxBytes = Math.max(1, Math.floor(bytesOf(request) / 2));
        this.#successes = 0;
        return this.#divide(request, requests, "too large", "the destination takes no smaller request");
      case "refused":
        this.#searches += 1;
        if (this.#searches > maxSearches) {
          requests.unshift(request);
          return { kind: "closed", reason: result.reason };
        }
        return this.#divide(request, requests, "refused", result.reason);
      case "try later": {
        requests.unshift(request);
        const { reason, afterMs } = result;
        return { kind: "stopped", reason, ...(afterMs === undefined ? {} : { afterMs }) };
      }
      case "closed":
        requests.unshift(request);
        return { kind: "closed", reason: result.reason };
      default:
        return result satisfies never;
    }
  }

  #judgePart(
    { route, items }: WindowRequest,
    failed: Extract<SendResult, { kind: "partly" }>["failed"],
    requests: WindowRequest[],
  ): Stop | undefined {
    const again = failed.filter(({ retry }) => retry);
    for (const { index, reason } of failed.filter(({ retry }) => !retry)) {
      const item = items[index];
      if (item === undefined) continue;
      item.of.lost = "refused";
      this.#settings.onDrop(reason);
    }
    const [first] = again;
    if (first === undefined) return undefined;
    const left = again.flatMap(({ index }) => items[index] ?? []);
    requests.unshift({ route, items: left });
    return { kind: "stopped", reason: first.reason };
  }

  #divide(request: WindowRequest, requests: WindowRequest[], lost: "too large" | "refused", why: string): undefined {
    const [only] = request.items;
    if (request.items.length > 1) {
      requests.unshift(...halves(request));
    } else if (only !== undefined) {
      only.of.lost = lost;
      this.#settings.onDrop(why);
    }
  }

  #grow(): void {
    this.#successes += 1;
    if (this.#successes < successesToGrow || this.#maxBytes >= this.#to.limits.maxBytes) return;
    this.#successes = 0;
    this.#maxBytes = Math.min(this.#to.limits.maxBytes, this.#maxBytes * 2);
  }

  /** What was delivered before a stop is not sent again, not even by the process after this one. */
  #settleBeginning({ records, requests, problem }: Window): boolean {
    const outstanding = new Set(requests.flatMap(({ items }) => items.map(({ of }) => of)));
    const first = records.findIndex((record) => outstanding.has(record));
    if (first <= 0) return false;
    this.#settle(records.slice(0, first));
    const left = records.slice(first);
    this.#backlog.hold(left.length);
    this.#window = { records: left, requests, problem };
    return true;
  }

  #settle(records: Window["records"]): void {
    let delivered = 0;
    let leftOut = 0;
    for (const { record, hasItems, lost } of records) {
      if (lost !== undefined) {
        this.#backlog.dropped(record, lost);
        this.#settings.onLost?.(record, lost);
      } else if (hasItems) delivered += 1;
      else leftOut += 1;
    }
    this.#backlog.counts.delivered(delivered);
    this.#backlog.counts.leftOut(leftOut);
    this.#backlog.settle(records.length);
  }

  async #send({ route, items }: WindowRequest, signal: AbortSignal): Promise<SendResult> {
    const controller = new AbortController();
    const giveUp = (): void => controller.abort();
    signal.addEventListener("abort", giveUp, { once: true });
    const forget = afterAwakeMs(this.#settings.requestTimeoutMs, giveUp);
    try {
      const { origin } = this.#settings;
      const request = { items: items.map(({ item }) => item), route, signal: controller.signal, origin };
      return await this.#to.send(request);
    } catch (error) {
      const late = signal.aborted ? "out of time" : `no answer in ${this.#settings.requestTimeoutMs} ms`;
      return { kind: "try later", reason: controller.signal.aborted ? late : reasonOf(error) };
    } finally {
      forget();
      signal.removeEventListener("abort", giveUp);
    }
  }
}

type Stop =
  | { readonly kind: "stopped"; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: "closed"; readonly reason: string };
