/** `lambdarium invoke`: an environment from its first process to its last, shown while it lives. */
import { createEnvironment, type Environment } from "../testing/environment.ts";
import type { InvocationResult } from "../testing/invocation.ts";
import { exitCodeOfFailure, exitCodes } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { Interruption } from "./interruption.ts";
import type { InvokeFlags } from "./invoke-command.ts";
import { type InvokePlan, planInvoke } from "./invoke-plan.ts";
import { LiveLog, type LogSource } from "./live-log.ts";
import { type Output, standardOutput } from "./output.ts";
import { payloadText } from "./payload-text.ts";
import { runDocument } from "./run-document.ts";
import { openTelemetry, type TelemetrySink } from "./telemetry-file.ts";
import { timelineLines } from "./timeline-text.ts";
import { traceLines } from "./trace-text.ts";

export async function invoke(flags: InvokeFlags, path = "."): Promise<void> {
  const output = standardOutput;
  try {
    const plan = await planInvoke(flags, path);
    const telemetry = await openTelemetry(plan.telemetry, output.stdout);
    process.exitCode = await new InvokeRun(plan, output, telemetry).run();
  } catch (error) {
    output.stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

class InvokeRun {
  readonly #plan: InvokePlan;
  readonly #output: Output;
  readonly #telemetry: TelemetrySink;
  readonly #log: LiveLog;
  readonly #interruption: Interruption;
  /** Kept for the document of `--json` only: a million of them would fill the memory. */
  readonly #results: InvocationResult[] = [];
  #functionFailed = false;
  #fault: unknown;

  constructor(plan: InvokePlan, output: Output, telemetry: TelemetrySink) {
    this.#plan = plan;
    this.#output = output;
    this.#telemetry = telemetry;
    this.#log = new LiveLog(output.stderr.colour);
    this.#interruption = new Interruption((text) => this.#show({ from: "lambdarium", text }));
  }

  /** Gives the exit code. @throws LambdariumError when nothing could be started */
  async run(): Promise<number> {
    const environment = await createEnvironment(this.#plan.environment);
    this.#watch(environment);
    this.#interruption.guard(environment);
    try {
      await this.#invokeAll(environment);
    } finally {
      // Also stopped already: then it waits until everything is gone.
      await environment.shutdown(this.#plan.shutdownReason);
      await this.#interruption.settled();
    }
    await this.#end(() => this.#telemetry.end());
    this.#conclude(environment);
    return this.#exitCode(environment);
  }

  #watch(environment: Environment): void {
    for (const { text } of environment.notices) this.#show({ from: "lambdarium", text });
    environment.onNotice(({ text }) => this.#show({ from: "lambdarium", text }));
    environment.onLog((line) => this.#show(line));
    if (this.#plan.telemetry !== undefined) environment.onTelemetry(this.#telemetry.write);
  }

  async #invokeAll(environment: Environment): Promise<void> {
    for (const event of this.#plan.events) {
      // Nobody reads the results any more, so nobody wants more of them.
      if (this.#interruption.signal !== undefined || this.#output.stdout.closed) return;
      const ended = await this.#end(async () => {
        const result = await environment.invoke(event);
        this.#functionFailed ||= result.functionError !== undefined;
        if (this.#plan.json) this.#results.push(result);
        else this.#output.stdout.write(`${payloadText(result.payloadBytes)}\n`);
      });
      if (!ended) return;
    }
  }

  /** What fails after the start is told and remembered; the environment is shut down all the same. */
  async #end(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#interruption.signal !== undefined) return false;
      this.#fault ??= error;
      this.#output.stderr.write(failureText(error));
      return false;
    }
  }

  #conclude(environment: Environment): void {
    const { functionName, runtime, snapshot, timeline } = environment;
    const { stdout, stderr } = this.#output;
    if (this.#plan.json) {
      const run = { functionName, runtime, snapshot, results: this.#results, traces: environment.traces };
      stdout.write(`${runDocument({ ...run, shutdownReason: this.#plan.shutdownReason })}\n`);
      return;
    }
    const title = `Timeline of ${functionName} on ${runtime}, sandbox ${snapshot.sandbox}`;
    const shape = { columns: stderr.columns, colour: stderr.colour };
    const lines = timelineLines({ title, entries: timeline, phases: snapshot.phases }, shape);
    const traces = environment.traces.flatMap((trace) => ["", ...traceLines(trace, shape)]);
    stderr.write(`\n${[...lines, ...traces].join("\n")}\n`);
  }

  #exitCode({ history }: Environment): number {
    if (this.#interruption.exitCode !== undefined) return this.#interruption.exitCode;
    if (this.#fault !== undefined || history.some(({ event }) => event.event === "platform failed"))
      return exitCodes.platformFailed;
    return this.#functionFailed ? exitCodes.functionError : exitCodes.success;
  }

  #show(line: LogSource): void {
    this.#output.stderr.write(this.#log.text(line));
  }
}
