/** Forwards on the thread where it runs: gathers for each target, spools what was gathered, and delivers it. */
import { Delivery } from "../../toolkit/delivery/delivery.ts";
import { backlogSettings } from "../../toolkit/delivery/delivery-settings.ts";
import { Backlog } from "../../toolkit/spool/backlog.ts";
import type { EnvironmentSink } from "../sinks.ts";
import type { Entry, TargetEnd } from "./entries.ts";
import { type ForwardTarget, targetName } from "./forward-target.ts";
import type { IsOurselves, Target } from "./target.ts";
import { openTarget } from "./targets.ts";

export interface ForwarderData {
  readonly targets: readonly {
    readonly target: ForwardTarget;
    /** The first takes what comes, the others were left by earlier runs; none keeps everything in memory. */
    readonly spools: readonly string[];
  }[];
}

/** A server of a developer's may be slow; the next attempt would only send the same again. */
const requestTimeoutMs = 15_000;
const mebibyte = 1_048_576;
/** Beyond that the oldest is dropped, and counted. */
const mostSpoolBytes = 256 * mebibyte;
const longestKeptMs = 7 * 86_400_000;

/** Nobody whom an extension knows: what is forwarded says itself where it is from. */
const origin = {
  functionName: "",
  functionVersion: "",
  handler: "",
  extensionName: "lambdarium",
  region: "",
  memorySizeMb: 0,
  processId: "",
};

interface Forwarded {
  readonly name: string;
  readonly target: Target;
  /** The first takes what comes. */
  readonly deliveries: readonly Delivery[];
}

export class Forwarder {
  readonly #forwarded: readonly Forwarded[];
  readonly #environments = new Map<number, readonly Pick<EnvironmentSink, "accept" | "acceptSegment">[]>();
  #servedAt: URL | undefined;

  /** Opens the spools. @throws LambdariumError */
  constructor(data: ForwarderData, tell: (text: string) => void) {
    const all = data.targets.map(({ target }) => target);
    this.#forwarded = data.targets.map(({ target: wanted, spools }) => {
      const target = openTarget(wanted, all, this.#isOurselves);
      const name = targetName(wanted);
      const directories = spools.length === 0 ? [undefined] : spools;
      const deliveries = directories.map((directory) => deliveryTo(target, name, directory, tell));
      return { name, target, deliveries };
    });
  }

  /** Records that earlier runs left, by target. */
  get left(): readonly { readonly name: string; readonly records: number }[] {
    return this.#forwarded.map(({ name, deliveries }) => ({
      name,
      records: deliveries.reduce((sum, { counts }) => sum + counts.pending, 0),
    }));
  }

  /** All of it is in the spool when this returns, or counted as dropped. */
  take(entries: readonly Entry[]): void {
    for (const entry of entries) this.#gather(entry);
    for (const { target, deliveries } of this.#forwarded) {
      const records = target.take();
      const [delivery] = deliveries;
      if (records.length === 0 || delivery === undefined) continue;
      delivery.accept({ records, body: Buffer.from(JSON.stringify(records)), sequenceId: "" });
      delivery.consider(records);
    }
  }

  servedAt(endpoint: string): void {
    this.#servedAt = new URL(endpoint);
  }

  /** Sends what there is time for. */
  async end(withinMs: number): Promise<readonly TargetEnd[]> {
    const shutdown = { eventType: "SHUTDOWN", deadlineMs: Date.now() + withinMs, shutdownReason: "spindown" } as const;
    return Promise.all(
      this.#forwarded.map(async ({ name, target, deliveries }) => {
        await Promise.all(deliveries.map((delivery) => delivery.shutdown(shutdown)));
        target.destination.close?.();
        const lost = deliveries.reduce((total, { unspooledRecords }) => total + unspooledRecords, 0);
        const counts = deliveries.map((delivery) => delivery.counts);
        const droppedFor: Record<string, number> = {};
        for (const each of counts)
          for (const [reason, records] of Object.entries(each.droppedFor))
            droppedFor[reason] = (droppedFor[reason] ?? 0) + records;
        const sum = (of: "pending" | "dropped"): number => counts.reduce((total, each) => total + each[of], 0);
        return { name, left: sum("pending") - lost, lost, dropped: sum("dropped"), droppedFor };
      }),
    );
  }

  #gather(entry: Entry): void {
    switch (entry.kind) {
      case "opened":
        this.#environments.set(
          entry.environment,
          this.#forwarded.map(({ target }) => target.open(entry.identity)),
        );
        return;
      case "record":
        for (const { accept } of this.#environments.get(entry.environment) ?? []) accept(entry.record);
        return;
      case "segment":
        for (const { acceptSegment } of this.#environments.get(entry.environment) ?? []) acceptSegment?.(entry.segment);
        return;
      case "gone":
        this.#environments.delete(entry.environment);
        return;
      case "measured":
        for (const { target } of this.#forwarded) target.measured?.(entry.measurement);
        return;
      default:
        entry satisfies never;
    }
  }

  readonly #isOurselves: IsOurselves = (host, port) =>
    this.#servedAt !== undefined && String(port ?? "") === this.#servedAt.port && loopback.test(host);
}

const loopback = /^(localhost|.+\.localhost|127(\.\d+){3}|\[?::1\]?|0\.0\.0\.0)$/;

function deliveryTo(
  target: Target,
  name: string,
  directory: string | undefined,
  tell: (text: string) => void,
): Delivery {
  const settings = {
    // Closed once, when all deliveries to it have ended.
    to: { ...target.destination, name, close: () => undefined },
    strategy: "continuous",
    intervalMs: target.intervalMs,
    requestTimeoutMs,
    spool: directory === undefined ? false : { directory, maxBytes: mostSpoolBytes, maxAgeMs: longestKeptMs },
    maxMemoryBytes: (directory === undefined ? 64 : 8) * mebibyte,
  } as const;
  const backlog = new Backlog(backlogSettings(settings, origin.extensionName, 0));
  const delivery = new Delivery(settings, backlog, origin, ({ message }) => tell(`Forwarding to ${message}.`));
  delivery.alwaysAwake();
  return delivery;
}
