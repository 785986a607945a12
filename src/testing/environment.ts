/** One execution environment for a test: created, invoked, looked at, and gone without a trace. */
import type { HistoryEntry } from "../host/history.ts";
import { type KeptRecords, keepRecords } from "../host/kept-records.ts";
import { type LogLine, logLinesOf, writtenLines } from "../host/log-lines.ts";
import type { Notice } from "../host/notices.ts";
import { newInvocation } from "../host/new-invocation.ts";
import { fileURLToPath } from "node:url";
import { failure } from "../errors.ts";
import { prepareFunction, type PreparedFunction } from "../host/prepare-function.ts";
import { runEnvironment } from "../host/run-environment.ts";
import type { InitOutcome, RunningEnvironment } from "../host/running-environment.ts";
import { telemetryText } from "../host/telemetry-text.ts";
import { traceSampler } from "../host/trace-sampler.ts";
import { type RememberedTraces, rememberTraces, type Trace } from "../host/traces.ts";
import type { FakeDestination } from "./destinations/fake-destination.ts";
import { destinationVariables } from "./destinations/destination-variables.ts";
import { durationOf } from "./duration.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import { type Invocation, type InvokeOptions, toInvocation, toRequest } from "./invocation.ts";
import { LogsView } from "./logs-view.ts";
import { MetricsView } from "./metrics-view.ts";
import { type EnvironmentSnapshot, snapshotOf } from "./snapshot.ts";
import { type SubscriptionView, subscriptionViews } from "./subscriptions.ts";
import { TelemetryView } from "./telemetry-view.ts";
import { type TimelineEntry, timelineOf } from "./timeline.ts";

/**
 * Makes an execution environment for a function; nothing runs in it until `init()` or the first `invoke()`.
 * @throws LambdariumError when an option is one Lambda would refuse, or the machine lacks what is needed.
 */
export async function createEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const destinations = options.destinations ?? [];
  const sandbox = options.sandbox ?? (options.strict === true ? "auto" : "process");
  const variables = await destinationVariables(destinations, sandbox);
  const environmentVariables = { ...variables, ...options.environmentVariables };
  const prepared = await prepareFunction({ ...options, function: options.function ?? standIn, environmentVariables });
  let kept: KeptRecords | undefined;
  try {
    const { dataDirectory, forward, xrayDaemon = process.env["AWS_XRAY_DAEMON_ADDRESS"] } = options;
    const traces = rememberTraces(xrayDaemon);
    kept = await keepRecords({ directory: dataDirectory, forward }, prepared.hosted);
    const running = await runEnvironment(prepared.hosted, {
      sandbox,
      strict: options.strict ?? false,
      network: options.network ?? (destinations.length > 0 ? "machine" : "none"),
      initCpu: options.initCpu ?? "proportional",
      extensionsOff: options.extensionsOff ?? false,
      freeze: options.freeze ?? true,
      limitStreamingRate: options.limitStreamingRate ?? true,
      deliverWhileFrozen: options.deliverWhileFrozen ?? false,
      ...(options.initLimitMs === undefined ? {} : { initLimitMs: options.initLimitMs }),
      sinks: [...traces.sinks, ...(kept?.sinks ?? [])],
    });
    return new Environment(prepared, running, traces, { kept, destinations });
  } catch (error) {
    await kept?.close();
    await prepared.dispose();
    throw error;
  }
}

const standIn = fileURLToPath(new URL("stand-in-function", import.meta.url));

export class Environment {
  readonly #prepared: PreparedFunction;
  readonly #running: RunningEnvironment;
  readonly #telemetry: TelemetryView;
  readonly #logs: LogsView;
  /** As CloudWatch gets them: Lambda's own metrics, and those of the embedded metric format in the log. */
  readonly metrics: MetricsView;
  /** The fake back ends it was made with; whoever made them closes them. */
  readonly destinations: readonly FakeDestination[];
  readonly #gone: Promise<void>;
  readonly #traces: RememberedTraces;
  readonly #decideSampling: () => boolean;

  /** Use `createEnvironment`. */
  constructor(
    prepared: PreparedFunction,
    running: RunningEnvironment,
    traces: RememberedTraces,
    { kept, destinations }: { kept: KeptRecords | undefined; destinations: readonly FakeDestination[] },
  ) {
    this.destinations = destinations;
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

  /** Where the processes find `/var/task`, `/opt` and the like: elsewhere than on Lambda in the sandbox `process`. */
  get paths(): RunningEnvironment["parts"]["sandbox"]["paths"] {
    return this.#running.parts.sandbox.paths;
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

  /** What was written so far by `function` or by the extension of this name, line by line, as it was written. */
  linesOf(name: string): readonly string[] {
    return writtenLines(this.#running.parts.records, name);
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

  /**
   * Freezes an idle environment as if for that long, in milliseconds or as a text such as `5m`, and leaves it frozen; the
   * next invocation thaws it. What is so after it: the processes were stopped; connections to `destinations` have been
   * reset, where they rested longer than those keep them (60 s, unless said otherwise); telemetry whose buffering time
   * went by is sent at the thaw. What is not: the clocks of real processes cannot be moved, so they, and all times and deadlines they are
   * told, go on from the real time; connections to anything else stay open.
   * @throws LambdariumError `environment-not-idle`; `invalid-setting` for a text that is no duration.
   */
  async freezeFor(duration: number | string): Promise<void> {
    const ms = durationOf("freezeFor", duration);
    if (!(await this.#running.freezeFor(ms)))
      throw failure("environment-not-idle", { what: "freezeFor", phase: this.#running.environment.phase });
    for (const destination of this.destinations) {
      const cut = destination.frozenFor(ms);
      if (cut > 0)
        this.#running.parts.notices.add(
          `Frozen for ${duration}: connections to ${destination.name} were cut (${cut}).`,
        );
    }
  }

  /**
   * Kills the process of an external extension, or of `runtime`, as a crash does; fulfilled when the platform knows. An
   * invocation that runs fails with it at once, an idle environment with the next one: `Extension.Crash`.
   * @throws LambdariumError `process-not-running`
   */
  async crash(name: string): Promise<void> {
    if (await this.#running.crash(name)) return;
    throw failure("process-not-running", { name, running: this.#running.parts.processes.pids.map((one) => one.name) });
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
