/** Builds what runs functions for the service: environments, queue, deliveries, and their HTTP interfaces; decides nothing. */
import type { AwsApi } from "../aws-api/exchange.ts";
import type { HostSettings } from "../host/hosted-function.ts";
import { randomHex } from "../host/random-hex.ts";
import type { RunningEnvironment } from "../host/running-environment.ts";
import type { Sink } from "../observability/sinks.ts";
import type { FunctionDirectory, FunctionTarget, Pools } from "./directory.ts";
import { DeliveryRunner } from "./destinations/delivery-runner.ts";
import { openAwsServices } from "./destinations/aws-services.ts";
import { sendDelivery, type Sending } from "./destinations/send-delivery.ts";
import { environmentDocuments, type EnvironmentDocument } from "./environments/environment-documents.ts";
import { EnvironmentKeeper } from "./environments/environment-keeper.ts";
import { followDirectory, tellSnapshot } from "./environments/follow-directory.ts";
import { machineMemoryMb } from "./environments/machine-memory.ts";
import { type EventJournal, type KeptEvents, noJournal, openEventJournal } from "./events/event-journal.ts";
import { EventQueue } from "./events/event-queue.ts";
import type { InvocationHandlers } from "./invocation-handlers.ts";
import { allocationKey } from "./invoke/allocation-key.ts";
import { beginCall, type BegunCall, type FunctionCall } from "./invoke/begin-call.ts";
import { ConcurrencyGauge } from "./invoke/concurrency-gauge.ts";
import { functionTarget } from "./invoke/function-target.ts";
import { type InvocationMetrics, noMetrics } from "./invoke/invocation-metrics.ts";
import { invokeOperations } from "./invoke/invoke-operations.ts";
import { newSampler } from "./invoke/sampler.ts";
import { localInvocationApi } from "./local-operations.ts";
import type { MovableClock } from "./movable-clock.ts";
import { allocationProgress } from "./pool/provisioning.ts";
import type { ServiceSettings } from "./settings.ts";
import { functionUrlApi } from "./url-calls/function-url-api.ts";

export interface InvokerOptions {
  readonly directory: FunctionDirectory;
  readonly settings: ServiceSettings;
  readonly clock: MovableClock;
  /** How environments are run; the sandbox driver is chosen by the host when absent. */
  readonly host?: Partial<HostSettings>;
  /** What is different for one function, such as that a debugger may attach. */
  readonly hostOf?: (functionName: string) => Partial<HostSettings>;
  /** Told of each environment as soon as it can be listened to. */
  readonly made?: (running: RunningEnvironment) => void;
  readonly sinks?: readonly Sink[];
  readonly metrics?: InvocationMetrics;
  /** MB that the memory sizes of all environments may come to; by default what this machine has, but for a rest. */
  readonly maxMemoryMb?: number;
  /** Age at which an environment ends when it is idle; default 7,200,000 (LIFE-105). */
  readonly maxEnvironmentAgeMs?: number;
  /** Told what failed here and is no function's fault. */
  readonly faulted: (cause: unknown) => void;
}

export interface Invoker {
  /** Invoke, InvokeAsync and InvokeWithResponseStream, for the Lambda API. */
  readonly handlers: InvocationHandlers;
  /** Function URLs, and what the control interface has of clock, environments, queue and outbox; to be asked first. */
  readonly apis: readonly AwsApi[];
  /** For the control plane. */
  readonly pools: Pools;
  readonly clock: MovableClock;
  /** One way for every kind of call (SVC-207). */
  readonly begin: (call: FunctionCall) => Promise<BegunCall>;
  readonly environments: () => readonly EnvironmentDocument[];
  /** Ends every idle environment of the function, or of all (LIFE-109); the next call starts a new one. */
  readonly spinDown: (functionName?: string) => void;
  /** What runs now, of one function or of all. */
  readonly running: (functionName?: string) => readonly RunningEnvironment[];
  /** SVC-230: no new call, running ones are ended, nothing is left; events stay where there is a data directory. */
  readonly close: () => Promise<void>;
  /** As `close`, without any budget (LIFE-80, second signal). */
  readonly kill: () => Promise<void>;
}

const hostDefaults: HostSettings = {
  sandbox: "auto",
  strict: false,
  network: "auto",
  initCpu: "proportional",
  freeze: true,
  // Callers over HTTP, one call after the other, find the environment awake.
  freezeDelayMs: 10,
  // SVC-166: bandwidth is not modelled.
  limitStreamingRate: false,
  extensionsOff: false,
  deliverWhileFrozen: false,
  // A service runs for days: what is to be looked at later is in the stores. What is kept for a moment is what makes
  // garbage collection long, and so the slowest of a hundred calls.
  kept: { records: 0, steps: 0 },
};

/** @throws LambdariumError `data-directory-failed`, `disk-full`, `aws-client-missing` */
export async function createInvoker(options: InvokerOptions): Promise<Invoker> {
  const { directory, settings, clock, metrics = noMetrics, faulted } = options;
  const endpoints = settings.serviceEndpoints;
  const awsServices = openAwsServices(endpoints);
  const { journal, kept } = await openJournal(settings.dataDir);
  const gauge = new ConcurrencyGauge(clock, metrics);
  const keeper = new EnvironmentKeeper({
    fleet: {
      maxEnvironments: settings.maxEnvironments,
      memoryMb: options.maxMemoryMb ?? machineMemoryMb(),
      placementWaitMs: settings.placementWaitMs,
      keepAliveMs: settings.keepAliveMs,
      maxAgeMs: options.maxEnvironmentAgeMs ?? 7_200_000,
    },
    hostOf: (name) => ({ ...hostDefaults, ...options.host, ...options.hostOf?.(name), sinks: options.sinks ?? [] }),
    ...(options.made === undefined ? {} : { made: options.made }),
    clock,
    initialized: (environment, outcome) => tellSnapshot(directory, environment, outcome),
    changed: gauge.see,
  });
  const { accountConcurrency } = settings;
  const callParts = { directory, keeper, clock, accountConcurrency, metrics, decideSampling: newSampler() };
  const begin = (call: FunctionCall): Promise<BegunCall> => beginCall(callParts, call);

  const deliveries: DeliveryRunner = new DeliveryRunner({
    clock,
    journal,
    metrics,
    outbox: kept.outbox,
    faulted,
    send: (delivery) => sendDelivery(delivery, { endpoints, invokeFunction, awsService: awsServices.of }),
  });
  const queue = new EventQueue({
    clock,
    journal,
    metrics,
    directory,
    begin,
    deliver: (delivery) => deliveries.run(delivery),
    accountId: settings.accountId,
    retryDelaysMs: settings.asyncRetryDelaysMs,
    most: settings.maxEnvironments,
    faulted,
  });
  /** SVC-190 */
  function invokeFunction(arn: string, payload: Uint8Array, requestId: string): Sending {
    const target: FunctionTarget | undefined = functionTarget(arn);
    if (target === undefined) return { kind: "refused", why: `${arn} is no function of this service.` };
    const refused = queue.accept({ requestId, target, payload });
    return refused === undefined ? { kind: "sent" } : { kind: "refused", why: refused.message };
  }

  const stopFollowing = [followDirectory(directory, keeper), directory.onChange(queue.changed)];
  for (const delivery of kept.deliveries) deliveries.run(delivery);
  queue.start(kept.events);

  const stop = async (): Promise<void> => {
    for (const stopOne of stopFollowing) stopOne();
    queue.stop();
    await keeper.stop();
    await deliveries.stop();
    awsServices.close();
    gauge.stop();
    journal.close();
  };
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => (stopped ??= stop());
  const { accountId, enforcePolicies, streamErrorFields } = settings;
  return {
    handlers: invokeOperations({ directory, queue, begin, newTraceHeader, streamErrorFields }),
    apis: [
      functionUrlApi({ directory, begin, accountId, enforcePolicies, newTraceHeader }),
      localInvocationApi({ clock, keeper, queue, deliveries }),
    ],
    pools: poolsOf(keeper),
    clock,
    begin,
    environments: () => environmentDocuments(keeper),
    spinDown: (functionName) => spinDown(keeper, functionName),
    running: (functionName) => runningOf(keeper, functionName),
    close,
    kill: async () => {
      // Also when it is closing already: what takes its time there takes none now.
      const closed = close();
      await keeper.kill();
      await closed;
    },
  };
}

async function openJournal(dataDir: string | undefined): Promise<{ journal: EventJournal; kept: KeptEvents }> {
  if (dataDir !== undefined) return openEventJournal(dataDir);
  return { journal: noJournal, kept: { events: [], deliveries: [], outbox: [] } };
}

const poolsOf = (keeper: EnvironmentKeeper): Pools => ({
  provisionedStatus: ({ region, name, qualifier }) => {
    const key = allocationKey(region, name, qualifier);
    const allocation = keeper.fleet.allocations.find((one) => one.key === key);
    if (allocation === undefined) return { allocated: 0, available: 0, status: "IN_PROGRESS" };
    const progress = allocationProgress(keeper.fleet, allocation);
    return progress.status === "FAILED" ? { ...progress, reason: "FUNCTION_ERROR_INIT_FAILURE" } : progress;
  },
  directoriesInUse: () => {
    const { environments, waiting } = keeper.fleet;
    const versions = [...environments.map(({ pool }) => pool), ...waiting.map(({ call }) => call.pool)];
    return new Set(versions.flatMap(({ codeDirectory, layerDirectories }) => [codeDirectory, ...layerDirectories]));
  },
});

function spinDown(keeper: EnvironmentKeeper, functionName: string | undefined): void {
  for (const { id, pool } of keeper.fleet.environments)
    if (functionName === undefined || pool.functionName === functionName)
      keeper.dispatch({ event: "spin-down wanted", environmentId: id });
}

const runningOf = (keeper: EnvironmentKeeper, functionName: string | undefined): readonly RunningEnvironment[] =>
  keeper.fleet.environments.flatMap(({ id, pool }) =>
    functionName === undefined || pool.functionName === functionName ? (keeper.running(id) ?? []) : [],
  );

function newTraceHeader(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomHex(24)}`;
}
