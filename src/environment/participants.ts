/** The processes of one generation, as the environment sees them: the runtime and the extensions. */
import type { ExtensionEventName } from "../protocol/extensions-api.ts";
import type { ReportedExtensionState } from "../protocol/telemetry-records.ts";
import type { CallId } from "./calls.ts";

/** RT-93 to RT-99; the names appear in error texts. `NotStarted` is ours: no process yet (RT-12). */
export type RuntimeState =
  | "NotStarted"
  | "Started"
  | "Ready"
  | "Running"
  | "InvocationResponse"
  | "InvocationErrorResponse"
  | "RuntimeResponseSentState"
  | "InitError"
  | "RestoreReady"
  | "Restoring"
  | "RuntimeRestoreErrorState";

export interface Runtime {
  readonly state: RuntimeState;
  /** Its process was launched and has not ended. */
  readonly alive: boolean;
  /** Waiting `next` and `restore/next` calls, oldest first (RT-30). */
  readonly parked: readonly CallId[];
  /** The calls that were answered with the invocation (RT-29), until the next one: a connection may yet be lost (RT-31). */
  readonly handed: readonly CallId[];
  /** What the runtime posted to init/error or restore/error in this attempt (RT-79). */
  readonly postedError: PostedError | undefined;
}

interface PostedError {
  readonly errorType: string | undefined;
  readonly body: Uint8Array;
}

export type ExtensionState = ReportedExtensionState;

export interface Extension {
  readonly name: string;
  readonly kind: "external" | "internal";
  readonly state: ExtensionState;
  /** External: its process was launched and has not ended. Internal: always true, it ends with the runtime. */
  readonly alive: boolean;
  readonly events: readonly ExtensionEventName[];
  /** Given at registration (EXT-16). */
  readonly identifier?: string;
  readonly parked: CallId | undefined;
  /** The call that was answered with an event, until the next call: its connection may yet be lost (EXT-65). */
  readonly handed: CallId | undefined;
  /** An event that was due while no call was parked (EXT-65, EXT-66). */
  readonly owed: "INVOKE" | "SHUTDOWN" | undefined;
  readonly shutdownDelivered: boolean;
  /** Why it could not be launched (EXT-95). */
  readonly launchErrorType?: string;
}

/** The set of processes between two (re-)initializations. */
export interface Generation {
  readonly number: number;
  readonly runtime: Runtime;
  readonly extensions: readonly Extension[];
  /** EXT-30 */
  readonly registrationOpen: boolean;
  /** EXT-98 */
  readonly extensionsOff: boolean;
  /** The first init/error or exit/error of an extension: it decides the type of what follows (LIFE-68). */
  readonly postedFatal?: "Extension.InitError" | "Extension.ExitError";
}

export const newGeneration = (number: number): Generation => ({
  number,
  runtime: { state: "NotStarted", alive: false, parked: [], handed: [], postedError: undefined },
  extensions: [],
  registrationOpen: true,
  extensionsOff: false,
});

export const withRuntime = (generation: Generation, change: Partial<Runtime>): Generation => ({
  ...generation,
  runtime: { ...generation.runtime, ...change },
});

export const withExtension = (generation: Generation, changed: Extension): Generation => ({
  ...generation,
  extensions: generation.extensions.map((extension) => (extension.name === changed.name ? changed : extension)),
});

export const extensionNamed = (generation: Generation, name: string): Extension | undefined =>
  generation.extensions.find((extension) => extension.name === name);

export const extensionIdentified = (generation: Generation, identifier: string): Extension | undefined =>
  generation.extensions.find((extension) => extension.identifier === identifier);

export const isRegistered = (extension: Extension): boolean => extension.identifier !== undefined;

export const livingExternals = (generation: Generation): readonly Extension[] =>
  generation.extensions.filter((extension) => extension.kind === "external" && extension.alive);

/** An extension file before its process exists. */
export const launchedExtension = (name: string): Extension => ({
  name,
  kind: "external",
  state: "Started",
  alive: true,
  events: [],
  parked: undefined,
  handed: undefined,
  owed: undefined,
  shutdownDelivered: false,
});
