/** An extension from what is said of it: registered, subscribed, looping, and gone at once when it is done. */
import { basename } from "node:path";
import { type Registration, register, reportError } from "./api/extensions-api.ts";
import { type SandboxCall, sandboxCalls } from "./api/sandbox-call.ts";
import { checkDefinition } from "./check-definition.ts";
import type { DeliveryCounts } from "./delivery/counts.ts";
import { Delivery } from "./delivery/delivery.ts";
import { backlogSettings, type DeliverySettings } from "./delivery/delivery-settings.ts";
import type { Origin } from "./destinations/destination.ts";
import type { ExtensionDefinition } from "./extension-definition.ts";
import { ExtensionError, reasonOf } from "./extension-error.ts";
import { hookFailed, type Problems } from "./hooks.ts";
import { followEvents, type RunningExtension } from "./life-cycle.ts";
import { beginToListen, type EarlyListener } from "./listener/listen.ts";
import { Backlog } from "./spool/backlog.ts";
import { openIntake, type TelemetryIntake, wantsTelemetry } from "./telemetry-intake.ts";

export interface Extension {
  readonly name: string;
  /** What became of the records of each delivery, in the order they were given. */
  readonly counts: readonly DeliveryCounts[];
  /** Fulfilled when an internal extension has nothing more to do; the process of an external one is gone by then. */
  readonly finished: Promise<void>;
}

/**
 * Starts the extension. An external one ends its process: with status 0 after SHUTDOWN, with status 1 and one line on
 * standard error when it cannot start. An internal one rejects `finished` in place of the latter.
 */
export function defineExtension(definition: ExtensionDefinition): Extension {
  const name = definition.name ?? basename(process.argv[1] ?? process.execPath);
  const tell = (text: string): void => void process.stderr.write(`[${name}] ${text}\n`);
  const deliveries: Delivery[] = [];
  const finished = run({ ...definition, name }, deliveries, tell);
  if (definition.kind !== "internal")
    finished.catch((error: unknown) => {
      tell(reasonOf(error));
      process.exit(1);
    });
  return {
    name,
    get counts() {
      return deliveries.map(({ counts }) => counts);
    },
    finished,
  };
}

type Named = ExtensionDefinition & { readonly name: string };

async function run(definition: Named, deliveries: Delivery[], tell: (text: string) => void): Promise<void> {
  const call = sandboxCalls(process.env["AWS_LAMBDA_RUNTIME_API"]);
  const problems: Problems = definition.onProblem ?? (({ message }) => tell(message));
  // Timers and servers do not keep a process alive that waits for telemetry while no call is under way.
  const alive = definition.kind === "internal" ? undefined : setInterval(() => undefined, 2 ** 30);
  try {
    let prepared: (() => Preparation) | undefined;
    const prepare = (): (() => Preparation) => (prepared ??= preparation(definition));
    const registration = await register(call, definition.name, eventsFor(definition), prepare);
    const running = await initialize(definition, prepare(), registration, deliveries, call, problems, tell);
    await followEvents(running);
  } finally {
    clearInterval(alive);
  }
  // At once: what is left of the two seconds is time that everybody waits.
  if (definition.kind !== "internal") process.exit(0);
}

/** What needs no answer of the platform's. */
interface Preparation {
  readonly listener: EarlyListener | undefined;
  readonly backlogs: readonly { readonly settings: DeliverySettings; readonly backlog: Backlog }[];
}

/**
 * To listen and to open spools takes milliseconds of the processor: it is begun when the registration is on its way. What
 * goes wrong is thrown when somebody asks, who can tell Lambda of it by then.
 */
function preparation(definition: Named): () => Preparation {
  try {
    checkDefinition(definition);
    const { name, telemetry, deliver } = definition;
    const listener = wantsTelemetry(definition) ? beginToListen(name, telemetry?.port) : undefined;
    const backlogs = (deliver === undefined ? [] : [deliver].flat()).map((settings, at) => ({
      settings,
      backlog: new Backlog(backlogSettings(settings, name, at)),
    }));
    return () => ({ listener, backlogs });
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Who receives telemetry hears of invocations too: else nobody would know which report is the last one. */
function eventsFor(definition: ExtensionDefinition): readonly ("INVOKE" | "SHUTDOWN")[] {
  const { kind, onInvoke } = definition;
  const wanted = onInvoke !== undefined || wantsTelemetry(definition) || kind === "internal";
  const invoke = wanted && !isManagedInstance();
  return [...(invoke ? ["INVOKE" as const] : []), ...(kind === "internal" ? [] : ["SHUTDOWN" as const])];
}

/** Managed instances refuse INVOKE to extensions, serve several invocations at once and never freeze. */
const isManagedInstance = (): boolean => process.env["AWS_LAMBDA_INITIALIZATION_TYPE"] === "lambda-managed-instances";

/** Everything up to the first call for an event; a failure is told to Lambda before it is thrown. */
async function initialize(
  definition: Named,
  preparation: () => Preparation,
  registration: Registration,
  deliveries: Delivery[],
  call: SandboxCall,
  problems: Problems,
  tell: (text: string) => void,
): Promise<RunningExtension> {
  try {
    const { listener, backlogs } = preparation();
    const origin = originOf(registration);
    deliveries.push(...backlogs.map(({ settings, backlog }) => new Delivery(settings, backlog, origin, problems)));
    const intake =
      listener === undefined
        ? noIntake
        : await openIntake(definition, listener, registration, deliveries, call, problems);
    const context = { function: registration.function, hasTelemetry: intake.isOpen };
    try {
      await definition.onInit?.(context);
    } catch (error) {
      throw hookFailed("onInit", error);
    }
    if (isManagedInstance()) for (const delivery of deliveries) delivery.alwaysAwake();
    return { definition, registration, deliveries, intake, call, problems, tell };
  } catch (error) {
    const code = error instanceof ExtensionError ? error.code : "hook-failed";
    await reportError(call, registration, "init", { type: `Extension.${code}`, message: reasonOf(error) });
    throw error;
  }
}

const noIntake: TelemetryIntake = {
  isOpen: false,
  counts: { repeated: 0, unreadable: 0 },
  reported: async () => undefined,
  worked: async () => undefined,
};

const originOf = (registration: Registration): Origin => ({
  ...registration.function,
  extensionName: registration.name,
  region: process.env["AWS_REGION"] ?? "",
  memorySizeMb: Number(process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? 0),
  // Told apart are the processes of one environment, and environments among each other: the identifier is new for each.
  processId: registration.identifier,
});
