/** Carries out what the plan decides: one destination with its backlog, its sender and its timer. */
import { appendFileSync } from "node:fs";
import type { Destination, Origin } from "../destinations/destination.ts";
import { ExtensionError, type ExtensionErrorCode, reasonOf } from "../extension-error.ts";
import type { Problems } from "../hooks.ts";
import type { InvokeEvent, ShutdownEvent } from "../lifecycle-events.ts";
import type { ReceivedBatch } from "../listener/receive.ts";
import type { Backlog } from "../spool/backlog.ts";
import { type DropReason, isRecord, type TelemetryRecord } from "../telemetry-records.ts";
import type { DeliveryCounts } from "./counts.ts";
import { type DeliverySettings, planSettings } from "./delivery-settings.ts";
import { newPlan, type PassOver, type Plan, type PlanEffect, type PlanEvent, step } from "./plan.ts";
import { Sender } from "./sender.ts";

/** How long a destination that wants nothing of us is left alone, unless a SHUTDOWN comes. */
const closedForMs = 60_000;

export class Delivery {
  readonly #settings: DeliverySettings;
  readonly #backlog: Backlog;
  readonly #sender: Sender;
  readonly #tell: (code: ExtensionErrorCode, text: string) => void;
  #plan: Plan;
  #timer: NodeJS.Timeout | undefined;
  #pass: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;
  #goOn: () => void = () => undefined;
  #end: () => void = () => undefined;

  constructor(settings: DeliverySettings, backlog: Backlog, origin: Origin, problems: Problems) {
    this.#settings = settings;
    this.#tell = onceIn(10_000, (code, text) => problems(new ExtensionError(code, `${settings.to.name}: ${text}`)));
    this.#backlog = backlog;
    this.#noteDisk();
    if (settings.to.problem !== undefined) this.#tell("destination-failed", settings.to.problem);
    this.#sender = new Sender(this.#backlog, settings.to, {
      origin,
      requestTimeoutMs: settings.requestTimeoutMs ?? 5000,
      onDrop: (why) => this.#tell("record-dropped", `a record was dropped: ${why}`),
      onLost: (record, reason) => this.#keepLetter(record, reason),
    });
    this.#plan = newPlan(planSettings(settings), this.#pending());
  }

  get destination(): Destination {
    return this.#settings.to;
  }

  get counts(): DeliveryCounts {
    return this.#backlog.counts.read();
  }

  /** Records that the end of the process loses. */
  get unspooledRecords(): number {
    return this.#backlog.unspooledRecords;
  }

  /** Ids of batches that a process before this one left behind. */
  get sequenceIds(): readonly string[] {
    return this.#backlog.sequenceIds;
  }

  /** Telemetry with `platform` events will come from now on. */
  subscribed(): void {
    this.#step({ event: "subscribed" });
  }

  /** Takes a batch; it is safe on disk when this returns. */
  accept({ records, body, sequenceId }: ReceivedBatch): void {
    const kept = this.#chosen(records);
    if (kept.length === 0) return;
    const bytes = kept === records ? body : Buffer.from(JSON.stringify(kept));
    this.#backlog.accept(kept, bytes, sequenceId, Date.now());
    this.#noteDisk();
  }

  /** Looks at what was accepted: after the platform has its answer. */
  consider(records: readonly TelemetryRecord[]): void {
    this.#step({ event: "accepted", pending: this.#pending() });
    for (const record of records) {
      if (isRecord(record, "platform.runtimeDone"))
        this.#step({ event: "runtime done", requestId: record.record.requestId });
      else if (isRecord(record, "platform.report"))
        this.#step({ event: "reported", requestId: record.record.requestId });
    }
  }

  /** Where no INVOKE is told of and nothing freezes: sends by the interval, from now on. */
  alwaysAwake(): void {
    this.#plan = { ...this.#plan, settings: { ...this.#plan.settings, strategy: "continuous" } };
    this.#step({ event: "invoke", requestId: "", deadlineMs: Number.MAX_SAFE_INTEGER });
    this.#step({ event: "reported", requestId: "" });
  }

  /** Fulfilled when, as far as this delivery goes, the next event may be asked for. */
  invoked({ requestId, deadlineMs }: InvokeEvent): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
      this.#step({ event: "invoke", requestId, deadlineMs });
    });
  }

  /** Sends what there is time for, and closes; fulfilled when the process may exit. */
  async shutdown({ deadlineMs, shutdownReason }: ShutdownEvent): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      this.#step({ event: "shutdown", deadlineMs, reason: shutdownReason });
    });
    await this.#pass?.over;
    clearTimeout(this.#timer);
    this.#settings.to.close?.();
    this.#backlog.close();
  }

  #step(event: PlanEvent): void {
    const { plan, effects } = step(this.#plan, event, Date.now());
    this.#plan = plan;
    clearTimeout(this.#timer);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: PlanEffect): void {
    switch (effect.effect) {
      case "send":
        this.#startPass();
        return;
      case "give up sending":
        this.#pass?.controller.abort();
        return;
      case "go on":
        this.#goOn();
        return;
      case "end":
        this.#end();
        return;
      case "renew connections":
        this.#settings.to.thawed?.();
        return;
      case "set timer":
        this.#timer = setTimeout(() => this.#step({ event: "time" }), effect.at - Date.now());
        this.#timer.unref();
        return;
      default:
        effect satisfies never;
    }
  }

  #startPass(): void {
    this.#backlog.tidy(Date.now());
    const controller = new AbortController();
    this.#pass = { controller, over: this.#runPass(controller.signal) };
  }

  async #runPass(signal: AbortSignal): Promise<void> {
    const outcome = await this.#sender.pass(signal);
    this.#pass = undefined;
    if (outcome.kind !== "emptied" && !signal.aborted) this.#tell("destination-failed", outcome.reason);
    const { moved } = outcome;
    const chance = Math.random();
    const over: PassOver =
      outcome.kind === "emptied"
        ? { kind: "sent" }
        : outcome.kind === "closed"
          ? { kind: "failed", moved, chance, afterMs: closedForMs }
          : { kind: "failed", moved, chance, ...(outcome.afterMs === undefined ? {} : { afterMs: outcome.afterMs }) };
    // What was dropped meanwhile is reported with what comes next, and is itself something to send.
    this.#backlog.tidy(Date.now());
    this.#step({ event: "pass over", outcome: over, pending: this.#pending() });
  }

  #chosen(records: readonly TelemetryRecord[]): readonly TelemetryRecord[] {
    const { select, transform } = this.#settings;
    if (select === undefined && transform === undefined) return records;
    return records.flatMap((record) => {
      try {
        if (select?.(record) === false) return [];
        return transform === undefined ? [record] : [transform(record)];
      } catch (error) {
        this.#backlog.counts.accepted(1);
        this.#backlog.dropped(record, "cannot be encoded");
        this.#tell("record-dropped", `a record was dropped: ${reasonOf(error)}`);
        return [];
      }
    });
  }

  #keepLetter(record: TelemetryRecord, reason: DropReason): void {
    const { deadLetterFile } = this.#settings;
    if (deadLetterFile === undefined) return;
    try {
      appendFileSync(deadLetterFile, `${JSON.stringify({ reason, ...record })}\n`, { mode: 0o600 });
    } catch (error) {
      this.#tell("spool-failed", `${deadLetterFile} cannot be written: ${reasonOf(error)}`);
    }
  }

  #pending(): Plan["pending"] {
    return { records: this.#backlog.pendingRecords, bytes: this.#backlog.pendingBytes };
  }

  #noteDisk(): void {
    if (this.#backlog.problem !== undefined)
      this.#tell(
        "spool-failed",
        `the spool does not work, records are held in memory only: ${reasonOf(this.#backlog.problem)}`,
      );
  }
}

/** The same text once in so many milliseconds: what an extension writes may come back to it as telemetry. */
function onceIn<Code>(ms: number, tell: (code: Code, text: string) => void): (code: Code, text: string) => void {
  const told = new Map<string, number>();
  return (code, text) => {
    const now = Date.now();
    if (now - (told.get(text) ?? -Infinity) < ms) return;
    if (told.size > 100) told.clear();
    told.set(text, now);
    tell(code, text);
  };
}
