/** One execution environment for a test: created, invoked, looked at, and gone without a trace. */
import type { HistoryEntry } from "../host/history.ts";
import type { FunctionSettings } from "../host/function-settings.ts";
import { type KeptRecords, keepRecords } from "../host/kept-records.ts";
import { type LogLine, logLinesOf } from "../host/log-lines.ts";
import type { Notice } from "../host/notices.ts";
import { newInvocation } from "../host/new-invocation.ts";
import { prepareFunction, type PreparedFunction } from "../host/prepare-function.ts";
import { runEnvironment } from "../host/run-environment.ts";
import type { InitOutcome, RunningEnvironment } from "../host/running-environment.ts";
import { telemetryText } from "../host/telemetry-text.ts";
import { traceSampler } from "../host/trace-sampler.ts";
import { type RememberedTraces, rememberTraces, type Trace } from "../host/traces.ts";
import { type Invocation, type InvokeOptions, toInvocation, toRequest } from "./invocation.ts";
import { LogsView } from "./logs-view.ts";
import { MetricsView } from "./metrics-view.ts";
import { type EnvironmentSnapshot, snapshotOf } from "./snapshot.ts";
import { type SubscriptionView, subscriptionViews } from "./subscriptions.ts";
import { TelemetryView } from "./telemetry-view.ts";
import { type TimelineEntry, timelineOf } from "./timeline.ts";

export interface EnvironmentOptions extends FunctionSettings {
  /**
   * How processes are kept apart; default `process`, which costs a test next to nothing and isolates nothing, or `auto`
   * in strict mode. `auto` is the isolating sandbox where this machine can give all of it.
   */
  readonly sandbox?: "auto" | "process" | "linux";
  /** True refuses to start where any wall or limit of Lambda's would be less than enforced (ENV-153); default false. */
  readonly strict?: boolean;
  /**
   * What programs reach; default `none`. `auto`: the internet, where this machine has a way to it. `machine`: also the
   * servers on this machine's own loopback interface, at `machine.lambdarium.internal`.
   */
  readonly network?: "auto" | "machine" | "internet" | "none";
  /** CPU time of the first Init on demand: by memory size, the default, or two CPUs (ENV-89). */
  readonly initCpu?: "proportional" | "boost";
  /** True starts no extension, as the file that switches them off in `/opt` does (EXT-98); default false. */
  readonly extensionsOff?: boolean;
  /** False keeps the processes running between phases (LIFE-102); default true. */
  readonly freeze?: boolean;
  /**
   * `host:port` of a daemon of AWS's X-Ray that gets all segments too; default `AWS_XRAY_DAEMON_ADDRESS` of this process,
   * where it is set (OBS-85).
   */
  readonly xrayDaemon?: string;
  /** Milliseconds; default Lambda's limit, 10,000 on demand (LIFE-17, LIFE-20). */
  readonly initLimitMs?: number;
  /** False lets a streamed response pass as fast as it can (RT-56); default true, Lambda's rate (RT-55). */
  readonly limitStreamingRate?: boolean;
  /** True delivers telemetry also while the environment is frozen (DLV-65); default false, as Lambda does. */
  readonly deliverWhileFrozen?: boolean;
  /** Directory in whose `observability.db` logs, metrics and traces are kept beyond the environment; default: none. */
  readonly dataDirectory?: string;
  /**
   * Where logs, metrics and traces go too: `cloudwatch`, `cloudwatch-logs`, `cloudwatch-metrics`, `xray`, `otlp` or
   * `otlp=URL`; default nowhere. With `dataDirectory` what could not be sent survives.
   */
  readonly forward?: readonly string[];
}

/**
 * Makes an execution environment for a function; nothing runs in it until `init()` or the first `invoke()`.
 * @throws LambdariumError when an option is one Lambda would refuse, or the machine lacks what is needed.
 */
export async function createEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const prepared = await prepareFunction(options);
  let kept: KeptRecords | undefined;
  try {
    const { dataDirectory, forward, xrayDaemon = process.env["AWS_XRAY_DAEMON_ADDRESS"] } = options;
    const traces = rememberTraces(xrayDaemon);
    kept = await keepRecords({ directory: dataDirectory, forward }, prepared.hosted);
    const running = await runEnvironment(prepared.hosted, {
      sandbox: options.sandbox ?? (options.strict === true ? "auto" : "process"),
      strict: options.strict ?? false,
      network: options.network ?? "none",
      initCpu: options.initCpu ?? "proportional",
      extensionsOff: options.extensionsOff ?? false,
      freeze: options.freeze ?? true,
      limitStreamingRate: options.limitStreamingRate ?? true,
      deliverWhileFrozen: options.deliverWhileFrozen ?? false,
      ...(options.initLimitMs === undefined ? {} : { initLimitMs: options.initLimitMs }),
      sinks: [...traces.sinks, ...(kept?.sinks ?? [])],
    });
    return new Environment(prepared, running, traces, kept);
  } catch (error) {
    await kept?.close();
    await prepared.dispose();
    throw error;
  }
}

export class Environment {
  readonly #prepared: PreparedFunction;
  readonly #running: RunningEnvironment;
  readonly #telemetry: TelemetryView;
  readonly #logs: LogsView;
  /** As CloudWatch gets them: Lambda's own metrics, and those of the embedded metric format in the log. */
  readonly metrics: MetricsView;
  readonly #gone: Promise<void>;
  readonly #traces: RememberedTraces;
  readonly #decideSampling: () => boolean;

  /** Use `createEnvironment`. */
  constructor(prepared: PreparedFunction, running: RunningEnvironment, traces: RememberedTraces, kept?: KeptRecords) {
    this.#prepared = prepared;
    this.#traces = traces;
    this.#decideSampling = traceSampler(running.parts.clock);
    this.#running = running;
    this.#telemetry = new TelemetryView(running.parts.records, prepared.hosted.logFormat);
    this.#logs = new LogsView(running.parts.records, prepared.hosted, running.parts.logStreamName);
    this.metrics = new MetricsView(running.parts.records, prepared.hosted);
    this.#gone = running.gone.then(prepared.dispose).then(traces.close).then(kept?.close);
    for (const notice of prepared.notices) running.parts.notices.add(notice);
    traces.listen((text) => running.parts.notices.add(text));
    kept?.listen((text) => running.parts.notices.add(text));
  }

  get functionName(): string {
    return this.#prepared.hosted.functionName;
  }

  /** Runtime identifier, such as `nodejs22.x`. */
  get runtime(): string {
    return this.#prepared.hosted.runtime.identifier;
  }

  get handler(): string {
    return this.#prepared.hosted.handler;
  }

  /** `host:port` of the sandbox API, what the processes find in `AWS_LAMBDA_RUNTIME_API`. */
  get endpoint(): string {
    return this.#running.parts.endpoint;
  }

  /** The telemetry records so far, as schema 2025-01-29 has them; iterate asynchronously for new ones. */
  get telemetry(): TelemetryView {
    return this.#telemetry.refresh();
  }

  /**
   * The X-Ray traces so far, by their first segment: with `tracing: "Active"` the platform's segments of sampled
   * invocations, and in any mode what the function sent to its daemon.
   */
  get traces(): readonly Trace[] {
    return this.#traces.traces();
  }

  /** The log as CloudWatch gets it: system lines, output, levels judged; iterate asynchronously for new events. */
  get logs(): LogsView {
    return this.#logs.refresh();
  }

  /** Per subscription: what was produced, delivered, dropped and is still on its way (DLV-57). */
  get subscriptions(): readonly SubscriptionView[] {
    return subscriptionViews(this.#running);
  }

  /** Every event of the environment and what it led to, in order; bytes are replaced by their number. */
  get history(): readonly HistoryEntry[] {
    return this.#running.history.entries;
  }

  /** What the developer should know and Lambda would not tell: what was inferred, refused calls, missing participants. */
  get notices(): readonly Notice[] {
    return this.#running.parts.notices.kept;
  }

  /** The environment as it is now: phase, phases so far, extensions and their exits. */
  get snapshot(): EnvironmentSnapshot {
    return snapshotOf(this.#running);
  }

  /** What each party did, in order of time, in words. */
  get timeline(): readonly TimelineEntry[] {
    return timelineOf(this.#running);
  }

  /** Calls back with each new log line, whoever wrote it; gives the way to stop it. */
  onLog(listener: (line: LogLine) => void): () => void {
    const { logFormat } = this.#prepared.hosted;
    return this.#running.parts.records.listen((record) => {
      for (const line of logLinesOf(record, logFormat)) listener(line);
    });
  }

  /** Calls back with each new telemetry record, as JSON text of schema 2025-01-29; gives the way to stop it. */
  onTelemetry(listener: (json: string) => void): () => void {
    const { logFormat } = this.#prepared.hosted;
    return this.#running.parts.records.listen((record) => {
      const text = telemetryText(record, logFormat);
      if (text !== undefined) listener(text);
    });
  }

  /** Calls back with each new notice; gives the way to stop it. */
  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#running.parts.notices.listen(listener);
  }

  /** Runs the Init phase; its failure is in the outcome, the next `invoke()` tries again (LIFE-31). */
  init(): Promise<InitOutcome> {
    return this.#running.init();
  }

  /**
   * Invokes the function: `event` is sent as JSON, bytes as they are; without it `{}`. Invocations wait for one another.
   * The promise rejects with a LambdariumError `service-exception` when the environment was stopped before the
   * invocation ended.
   * @throws LambdariumError `event-too-large`, at once, for an event of more than 6,291,456 bytes (RT-28).
   */
  invoke(event?: unknown, options: InvokeOptions = {}): Invocation {
    const { clock } = this.#running.parts;
    const invocation = newInvocation(
      this.#prepared.hosted,
      toRequest(event, options),
      clock.now(),
      this.#decideSampling,
    );
    return toInvocation(this.#running.invoke(invocation), options.streaming ?? false);
  }

  /** Freezes an idle environment; fulfilled when no process runs, harmless when it is frozen or at work. */
  freeze(): Promise<void> {
    return this.#running.freeze();
  }

  /** Thaws an idle environment; it stays so until after the next invocation. */
  thaw(): Promise<void> {
    return this.#running.thaw();
  }

  /** Ends the processes of an idle environment as after a crash; the next invocation initializes again (LIFE-109). */
  reset(): void {
    this.#running.reset();
  }

  /** Ends the environment in Lambda's order, after the invocation that runs; fulfilled when nothing of it is left. */
  async shutdown(reason: "spindown" | "timeout" | "failure" = "spindown"): Promise<void> {
    await this.#running.shutdown(reason);
    await this.#gone;
  }

  /** As `shutdown`, but does not wait for a running invocation (LIFE-80). */
  async stop(): Promise<void> {
    await this.#running.shutdown("spindown", true);
    await this.#gone;
  }

  /** Ends everything at once, without SHUTDOWN. */
  async kill(): Promise<void> {
    await this.#running.kill();
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
