/** Where telemetry comes in: the listener, the subscription, and who gets what arrives. */
import type { SandboxCall } from "./api/sandbox-call.ts";
import type { Registration } from "./api/extensions-api.ts";
import { subscribe } from "./api/subscribe.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { ExtensionDefinition } from "./extension-definition.ts";
import { ExtensionError } from "./extension-error.ts";
import { inTurn, type Problems } from "./hooks.ts";
import type { EarlyListener } from "./listener/listen.ts";
import { hearOwnOutput, ownLines } from "./listener/own-lines.ts";
import { type ReceivedBatch, receiver, type Receiver } from "./listener/receive.ts";
import { isRecord, type TelemetryRecord } from "./telemetry-records.ts";

export interface TelemetryIntake {
  readonly isOpen: boolean;
  /** Batches that came twice, and bodies nobody could read. */
  readonly counts: Receiver["counts"];
  /** Fulfilled when the report of the invocation has come, or when so many milliseconds have passed. */
  reported(requestId: string, waitMs: number): Promise<void>;
  /** Fulfilled when `onTelemetry` is done with everything that came. */
  worked(): Promise<void>;
}

export const wantsTelemetry = ({ telemetry, onTelemetry, deliver }: ExtensionDefinition): boolean =>
  telemetry !== undefined || onTelemetry !== undefined || deliver !== undefined;

/**
 * Subscribes when the listener is open, in this order: what cannot be delivered is delayed, and may be dropped.
 * @throws ExtensionError where telemetry is required and cannot be had
 */
export async function openIntake(
  definition: ExtensionDefinition,
  listener: EarlyListener,
  registration: Registration,
  deliveries: readonly Delivery[],
  call: SandboxCall,
  problems: Problems,
): Promise<TelemetryIntake> {
  const settings = definition.telemetry ?? {};
  const types = settings.types ?? ["platform", "function"];
  const turns = inTurn(
    "onTelemetry",
    (records: readonly TelemetryRecord[]) => definition.onTelemetry?.(records, { function: registration.function }),
    problems,
  );
  const reports = watchReports();
  const received = receiver(
    (batch) => {
      for (const delivery of deliveries) delivery.accept(batch);
    },
    ({ records }) => {
      for (const delivery of deliveries) delivery.consider(records);
      reports.see(records);
      if (definition.onTelemetry !== undefined && records.length > 0) turns.add(records);
    },
    deliveries.flatMap(({ sequenceIds }) => sequenceIds),
    types.includes("extension") && settings.keepOwnLines !== true ? withoutOwnLines() : undefined,
  );
  const intake = {
    counts: received.counts,
    reported: (requestId: string, waitMs: number) => reports.reported(requestId, waitMs),
    worked: () => turns.done(),
  };
  try {
    listener.receive(received.handle);
    const { warning, uri } = await listener.opened();
    if (warning !== undefined) problems(new ExtensionError("port-fallback", warning));
    await subscribe(call, registration, settings, uri);
  } catch (error) {
    if (settings.required === true || !(error instanceof ExtensionError)) throw error;
    problems(error);
    return { ...intake, isOpen: false, reported: async () => undefined };
  }
  if (types.includes("platform")) for (const delivery of deliveries) delivery.subscribed();
  return { ...intake, isOpen: true, ...(types.includes("platform") ? {} : { reported: async () => undefined }) };
}

function withoutOwnLines(): (batch: ReceivedBatch) => ReceivedBatch {
  const lines = ownLines();
  hearOwnOutput(lines);
  return (batch) => {
    const records = batch.records.filter((record) => !lines.isOwn(record));
    return records.length === batch.records.length
      ? batch
      : { ...batch, records, body: Buffer.from(JSON.stringify(records)) };
  };
}

function watchReports() {
  const seen = new Set<string>();
  let tell: (() => void) | undefined;
  return {
    see(records: readonly TelemetryRecord[]): void {
      for (const record of records) {
        if (!isRecord(record, "platform.report")) continue;
        // The last ones are asked for, never the first.
        if (seen.size > 100) seen.clear();
        seen.add(record.record.requestId);
        tell?.();
      }
    },
    async reported(requestId: string, waitMs: number): Promise<void> {
      const until = Date.now() + waitMs;
      while (!seen.has(requestId) && Date.now() < until)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, until - Date.now());
          tell = () => {
            clearTimeout(timer);
            resolve();
          };
        });
    },
  };
}
