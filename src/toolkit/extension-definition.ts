/** What a person says of an extension. */
import type { Deadline } from "./deadline.ts";
import type { DeliverySettings } from "./delivery/delivery-settings.ts";
import type { ExtensionError } from "./extension-error.ts";
import type { FunctionFacts, InvokeEvent, ShutdownEvent } from "./lifecycle-events.ts";
import type { SubscriptionSettings } from "./api/subscribe.ts";
import type { TelemetryRecord } from "./telemetry-records.ts";

export interface ExtensionDefinition {
  /**
   * The name to register. An external extension must have its file's: the default, from the program's path. Give it where
   * a launcher in `/opt/extensions` starts a program of another name, and for an internal extension.
   */
  readonly name?: string;
  /** `internal` runs inside the runtime's process, hears no SHUTDOWN and ends by SIGTERM; default `external`. */
  readonly kind?: "external" | "internal";
  /** What telemetry is subscribed to; default `platform` and `function` when a hook or a delivery wants any, else none. */
  readonly telemetry?: TelemetrySettings;
  /** Where records go. */
  readonly deliver?: DeliverySettings | readonly DeliverySettings[];
  /** Before the first call for an event: Init lasts until it is done. Throwing fails the Init. */
  readonly onInit?: (context: InitContext) => Promise<void> | void;
  /** At each INVOKE, while the function runs. The next event is asked for when it is done, or when time runs out. */
  readonly onInvoke?: (event: InvokeEvent, context: HookContext) => Promise<void> | void;
  /** For each batch of records, after the platform was answered; one batch at a time, in order. */
  readonly onTelemetry?: (records: readonly TelemetryRecord[], context: TelemetryContext) => Promise<void> | void;
  /** At SHUTDOWN, before the last delivery. */
  readonly onShutdown?: (event: ShutdownEvent, context: HookContext) => Promise<void> | void;
  /** Told of what went wrong without ending the extension; default one line on standard error. */
  readonly onProblem?: (problem: ExtensionError) => void;
}

export interface TelemetrySettings extends SubscriptionSettings {
  /** Default one derived from the name: the same at every start, and none that a known extension takes. */
  readonly port?: number;
  /** True fails the Init where the platform has no telemetry; default false, go on without. */
  readonly required?: boolean;
  /** True keeps the lines this extension writes itself in its stream of type `extension`; default false. */
  readonly keepOwnLines?: boolean;
}

export interface HookContext extends Deadline {
  readonly function: FunctionFacts;
}

export interface InitContext {
  readonly function: FunctionFacts;
  /** False where the platform has no telemetry. */
  readonly hasTelemetry: boolean;
}

export interface TelemetryContext {
  readonly function: FunctionFacts;
}
