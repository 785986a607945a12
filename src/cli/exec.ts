/** `lambdarium exec`: a command with a service of its own around it. */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { failure } from "../errors.ts";
import { exitCodeOfFailure, signalExitCodes } from "./exit-codes.ts";
import type { ExecFlags } from "./exec-command.ts";
import { failureText } from "./failure-text.ts";
import { reasonOf } from "./file-problem.ts";
import { standardOutput } from "./output.ts";
import { planService } from "./service-plan.ts";
import { Display, ServiceSession } from "./service-session.ts";

export async function exec(flags: ExecFlags, ...command: string[]): Promise<void> {
  const output = standardOutput;
  const signals = new PassedSignals();
  try {
    const plan = await planService(flags, flags.project ?? ".", false);
    // Tests against half a project would say the wrong thing.
    const session = await ServiceSession.open(plan, new Display(output), "all functions");
    try {
      process.exitCode = signals.exitCode ?? (await runCommand(command, session.service.clientVariables, signals));
    } finally {
      signals.stopNow(() => session.kill());
      await session.stop();
    }
  } catch (error) {
    output.stderr.write(failureText(error));
    process.exitCode = exitCodeOfCommand(error);
  } finally {
    signals.stop();
  }
}

/** Fulfilled with its exit code once it has ended. @throws LambdariumError `command-not-started` */
async function runCommand(
  [file = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
  signals: PassedSignals,
): Promise<number> {
  const env = { ...process.env, ...variables };
  // A profile or a token of the real cloud does not go with these keys.
  delete env["AWS_PROFILE"];
  delete env["AWS_SESSION_TOKEN"];
  const child = spawn(file, args, { stdio: "inherit", env });
  signals.passTo(child);
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no such program" : reasonOf(error);
      reject(failure("command-not-started", { command: file, why }, error));
    });
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}

/** As shells have it. */
function exitCodeOfCommand(error: unknown): number {
  const { code, cause } = error as { code?: unknown; cause?: NodeJS.ErrnoException };
  if (code !== "command-not-started") return exitCodeOfFailure(error);
  return cause?.code === "ENOENT" ? 127 : 126;
}

type Signal = keyof typeof signalExitCodes;

/** Signals are the command's while it runs; after it the second one ends everything at once. */
class PassedSignals {
  #child: ChildProcess | undefined;
  #first: Signal | undefined;
  #kill: (() => Promise<void>) | undefined;

  constructor() {
    for (const signal of signalNames) process.on(signal, this.#onSignal);
  }

  /** Of a signal that came before there was a command. */
  get exitCode(): number | undefined {
    return this.#first === undefined ? undefined : signalExitCodes[this.#first];
  }

  passTo(child: ChildProcess): void {
    this.#child = child;
    child.once("exit", () => (this.#child = undefined));
  }

  stopNow(kill: () => Promise<void>): void {
    this.#kill = kill;
  }

  stop(): void {
    for (const signal of signalNames) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#child !== undefined) {
      // The terminal sends Ctrl-C to the whole group, the command included.
      if (signal !== "SIGINT" || !process.stdin.isTTY) this.#child.kill(signal);
      return;
    }
    // Nothing has begun yet that would have to be ended in order.
    if (this.#first !== undefined && this.#kill === undefined) process.exit(signalExitCodes[this.#first]);
    this.#first ??= signal as Signal;
    void this.#kill?.();
  };
}

const signalNames = Object.keys(signalExitCodes) as Signal[];
