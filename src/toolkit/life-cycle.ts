/** From event to event, until SHUTDOWN. */
import { nextEvent, type Registration, reportError } from "./api/extensions-api.ts";
import type { SandboxCall } from "./api/sandbox-call.ts";
import { deadlineAt } from "./deadline.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { ExtensionDefinition } from "./extension-definition.ts";
import { reasonOf } from "./extension-error.ts";
import { type Problems, runHook } from "./hooks.ts";
import type { InvokeEvent, LifecycleEvent, ShutdownEvent } from "./lifecycle-events.ts";
import type { TelemetryIntake } from "./telemetry-intake.ts";

export interface RunningExtension {
  readonly definition: ExtensionDefinition;
  readonly registration: Registration;
  readonly deliveries: readonly Delivery[];
  readonly intake: TelemetryIntake;
  readonly call: SandboxCall;
  readonly problems: Problems;
  readonly tell: (text: string) => void;
}

/** An extension that lasts to its deadline takes the function's last moment: so long before it, it lets go. */
const invokeMarginMs = 100;
/** What a hook at SHUTDOWN leaves for the last delivery. */
const shutdownMarginMs = 500;
/** The last report comes within some tens of milliseconds, if it comes. */
const lastReportMs = 250;
/** What Lambda gives a runtime with an internal extension after SIGTERM is 500 ms (LIFE-83). */
const internalShutdownMs = 400;
const internalSettleMs = 100;

/** Fulfilled after SHUTDOWN, or SIGTERM for an internal extension. */
export async function followEvents(running: RunningExtension): Promise<void> {
  const { call, registration } = running;
  const internal = running.definition.kind === "internal";
  const ended = internal ? terminated() : new Promise<never>(() => undefined);
  let lastRequestId: string | undefined;
  for (;;) {
    const event = await Promise.race([next(running), ended]);
    if (event.eventType === "SHUTDOWN") {
      await shutDown(running, event, lastRequestId);
      if (internal) process.kill(process.pid, "SIGTERM");
      return;
    }
    lastRequestId = event.requestId;
    await invoke(running, event);
  }

  async function next(running: RunningExtension): Promise<LifecycleEvent> {
    try {
      return await nextEvent(call, registration);
    } catch (error) {
      await reportError(call, registration, "exit", { type: "Extension.NextFailed", message: reasonOf(error) });
      for (const { counts } of running.deliveries) if (counts.pending > 0) running.tell(summary(counts));
      throw error;
    }
  }
}

/** An internal extension hears of the end as the runtime does; the second SIGTERM, its own, ends the process. */
const terminated = (): Promise<ShutdownEvent> =>
  new Promise((resolve) => {
    process.once("SIGTERM", () =>
      resolve({ eventType: "SHUTDOWN", shutdownReason: "spindown", deadlineMs: Date.now() + internalShutdownMs }),
    );
  });

async function invoke({ definition, registration, deliveries, problems }: RunningExtension, event: InvokeEvent) {
  const deadline = deadlineAt(event.deadlineMs);
  const delivered = Promise.all(deliveries.map((delivery) => delivery.invoked(event)));
  const work = (): Promise<void> | void =>
    definition.onInvoke?.(event, { ...deadline, function: registration.function });
  const ended = await runHook("onInvoke", work, deadline, invokeMarginMs, problems);
  await delivered;
  // A hook that is late is still told of its deadline.
  if (ended === "done") deadline.done();
}

async function shutDown(running: RunningExtension, event: ShutdownEvent, lastRequestId: string | undefined) {
  const { definition, registration, deliveries, intake, problems } = running;
  const deadline = deadlineAt(event.deadlineMs);
  if (lastRequestId !== undefined && event.shutdownReason === "spindown")
    await intake.reported(lastRequestId, Math.min(lastReportMs, deadline.remainingMs()));
  // Its SIGTERM comes while the platform sends what it held during the freeze.
  if (definition.kind === "internal" && intake.isOpen)
    await new Promise((resolve) => setTimeout(resolve, internalSettleMs));
  const context = { ...deadline, function: registration.function };
  const work = async (): Promise<void> => {
    await intake.worked();
    await definition.onShutdown?.(event, context);
  };
  await runHook(
    "onShutdown",
    work,
    deadline,
    definition.kind === "internal" ? invokeMarginMs : shutdownMarginMs,
    problems,
  );
  await Promise.all(deliveries.map((delivery) => delivery.shutdown(event)));
  deadline.done();
  tellLosses(running);
}

function tellLosses({ deliveries, intake, tell }: RunningExtension): void {
  for (const { counts, destination } of deliveries)
    if (counts.pending + counts.dropped > 0) tell(`${destination.name}: ${summary(counts)}`);
  if (intake.counts.unreadable > 0) tell(`${intake.counts.unreadable} batches of telemetry could not be read`);
}

function summary({ accepted, delivered, leftOut, pending, dropped, droppedFor }: Delivery["counts"]): string {
  const why = Object.entries(droppedFor).map(([reason, count]) => `${reason} ${count}`);
  const drops = dropped === 0 ? "" : `, ${dropped} dropped (${why.join(", ")})`;
  const passed = leftOut === 0 ? "" : `, ${leftOut} not for it`;
  return `of ${accepted} records ${delivered} delivered${passed}, ${pending} left in the spool${drops}`;
}
