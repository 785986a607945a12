/** `lambdarium compare`: environments one after the other, with and without extensions, and what they cost. */
import { machineReport } from "../testing/machine-report.ts";
import { createEnvironment, type Environment } from "../testing/environment.ts";
import { type ComparePlan, planCompare, type Trial } from "./compare-plan.ts";
import type { CompareFlags } from "./compare-command.ts";
import { comparison, type Measurement } from "./comparison.ts";
import { comparisonDocument, type ComparedRun } from "./comparison-document.ts";
import { comparisonLines } from "./comparison-text.ts";
import { exitCodeOfFailure, exitCodes } from "./exit-codes.ts";
import { failureText } from "./failure-text.ts";
import { Interruption } from "./interruption.ts";
import { LiveLog } from "./live-log.ts";
import { measureTrial, type MeasuredTrial } from "./measure-trial.ts";
import { type Output, standardOutput } from "./output.ts";
import { payloadText } from "./payload-text.ts";

export async function compare(flags: CompareFlags, path = "."): Promise<void> {
  const output = standardOutput;
  try {
    process.exitCode = await new CompareRun(await planCompare(flags, path), output).run();
  } catch (error) {
    output.stderr.write(failureText(error));
    process.exitCode = exitCodeOfFailure(error);
  }
}

class CompareRun {
  readonly #plan: ComparePlan;
  readonly #output: Output;
  readonly #log: LiveLog;
  readonly #interruption: Interruption;
  readonly #measurements: Measurement[] = [];
  readonly #extensions = new Set<string>();
  #about: Pick<ComparedRun, "functionName" | "runtime" | "sandbox" | "capabilities"> | undefined;
  #failureShown = false;

  constructor(plan: ComparePlan, output: Output) {
    this.#plan = plan;
    this.#output = output;
    this.#log = new LiveLog(output.stderr.colour);
    this.#interruption = new Interruption((text) => this.#tell(text));
  }

  /** Gives the exit code. @throws LambdariumError when an environment could not be made */
  async run(): Promise<number> {
    const sandbox = await this.#sandbox();
    for (const trial of this.#plan.trials) {
      if (this.#interruption.signal !== undefined) break;
      if (!(await this.#try({ ...trial, environment: { ...trial.environment, sandbox } }))) break;
    }
    if (this.#interruption.exitCode !== undefined) return this.#interruption.exitCode;
    if (this.#measurements.length < this.#plan.trials.length) return exitCodes.platformFailed;
    this.#conclude();
    return this.#measurements.some(({ functionErrors }) => functionErrors > 0)
      ? exitCodes.functionError
      : exitCodes.success;
  }

  /** To compare costs, CPU time must be limited: then `auto` takes the driver that isolates also where it lacks other things. */
  async #sandbox(): Promise<"auto" | "process" | "linux"> {
    const wanted = this.#plan.trials[0]?.environment.sandbox ?? "auto";
    if (wanted !== "auto") return wanted;
    const { auto, sandboxes } = await machineReport();
    const limited = sandboxes.filter(({ features }) =>
      features.some(({ feature, level }) => feature === "CPU share" && level === "enforced"),
    );
    return auto !== "linux" && limited.some(({ driver }) => driver === "linux") ? "linux" : "auto";
  }

  /** False when the platform failed. */
  async #try(trial: Trial): Promise<boolean> {
    const environment = await createEnvironment(trial.environment);
    this.#introduce(environment);
    this.#interruption.guard(environment);
    try {
      const isWanted = (): boolean => this.#interruption.signal === undefined;
      const measured = await measureTrial(environment, trial, this.#plan.events, isWanted);
      this.#keep(measured);
    } catch (error) {
      if (this.#interruption.signal === undefined) this.#output.stderr.write(failureText(error));
      return false;
    } finally {
      await environment.shutdown();
      await this.#interruption.settled();
    }
    for (const { name, kind } of environment.snapshot.extensions) if (kind === "external") this.#extensions.add(name);
    return !environment.history.some(({ event }) => event.event === "platform failed");
  }

  /** What is true of all of them, once. */
  #introduce({ functionName, runtime, snapshot, notices }: Environment): void {
    if (this.#about !== undefined) return;
    const { sandbox, capabilities } = snapshot;
    this.#about = { functionName, runtime, sandbox, capabilities };
    for (const { text } of notices) if (!text.startsWith("extensions: off")) this.#tell(text);
    if (capabilities["CPU share"].level !== "enforced")
      this.#tell("CPU time is not limited here, so memory sizes differ by chance only: on Lambda they differ by far.");
  }

  #keep({ measurement, failed }: MeasuredTrial): void {
    this.#measurements.push(measurement);
    const { memorySizeMb, extensions, coldStartMs } = measurement;
    const count = `${this.#measurements.length} of ${this.#plan.trials.length}`;
    const what = `${memorySizeMb} MB ${extensions ? "with" : "without"}`;
    this.#tell(`${count}: ${what}, cold start ${coldStartMs.toFixed(1)} ms`);
    if (failed === undefined || this.#failureShown) return;
    this.#failureShown = true;
    this.#tell(`The function failed: ${payloadText(failed.payloadBytes)}\n${failed.logTail.trimEnd()}`);
  }

  #conclude(): void {
    const { stdout } = this.#output;
    if (this.#about === undefined) return;
    const sizes = comparison(this.#measurements);
    if (this.#extensions.size === 0) this.#tell("No extension was there to be started: there is nothing to compare.");
    if (this.#plan.json) {
      const { rounds, events } = this.#plan;
      const functionErrors = this.#measurements.reduce((sum, one) => sum + one.functionErrors, 0);
      const extensions = [...this.#extensions];
      const run = { ...this.#about, extensions, rounds, invocations: events.length, functionErrors, sizes };
      stdout.write(`${comparisonDocument(run)}\n`);
      return;
    }
    const { functionName, runtime, sandbox } = this.#about;
    const names = [...this.#extensions].join(", ");
    stdout.write(`${functionName} on ${runtime}, sandbox ${sandbox}, extensions: ${names || "none"}\n\n`);
    stdout.write(`${comparisonLines(sizes, { colour: stdout.colour }).join("\n")}\n`);
  }

  #tell(text: string): void {
    this.#output.stderr.write(this.#log.text({ from: "lambdarium", text }));
  }
}
