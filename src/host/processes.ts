/** Launches runtime and extensions in the sandbox, turns their output into records and their ends into events. */
import type { EnvironmentEvent } from "../environment/events.ts";
import type { LogLine, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { type RuntimeCommand, runtimeCommand } from "../runtimes/runtime-command.ts";
import type { OutputStream, ProcessSpec, Sandbox, SandboxProcess, StartResult } from "../sandbox/sandbox.ts";
import { FrameCapture } from "../telemetry/frame-capture.ts";
import { LineCapture } from "../telemetry/line-capture.ts";
import type { OutputCapture } from "../telemetry/output-capture.ts";
import type { Clock } from "./clock.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { inspectFlags, type InspectedEnvironment, withInspectOption } from "./inspection.ts";
import { extensionVariables, runtimeVariables, type VariableFacts } from "./variables.ts";

interface Launched {
  readonly launching: Promise<StartResult>;
  process?: SandboxProcess;
}

export class Processes {
  readonly #sandbox: Sandbox;
  readonly #clock: Clock;
  readonly #hosted: HostedFunction;
  readonly #facts: VariableFacts;
  readonly #accept: (record: TelemetryRecord) => void;
  readonly #dispatch: (event: EnvironmentEvent) => void;
  readonly #outputEnded: () => void;
  readonly #note: (text: string) => void;
  readonly #inspected: InspectedEnvironment;
  readonly #extensions = new Map<string, Launched>();
  #runtime: Launched | undefined;

  constructor(
    sandbox: Sandbox,
    clock: Clock,
    hosted: HostedFunction,
    facts: VariableFacts,
    out: {
      readonly accept: (record: TelemetryRecord) => void;
      readonly dispatch: (event: EnvironmentEvent) => void;
      /** DLV-26: a process's output came to its end. */
      readonly outputEnded: () => void;
      /** Tells the developer. */
      readonly note: (text: string) => void;
      readonly inspected: InspectedEnvironment;
    },
  ) {
    this.#sandbox = sandbox;
    this.#clock = clock;
    this.#hosted = hosted;
    this.#facts = facts;
    this.#accept = out.accept;
    this.#dispatch = out.dispatch;
    this.#outputEnded = out.outputEnded;
    this.#note = out.note;
    this.#inspected = out.inspected;
  }

  /** LIFE-04 */
  async launchExtension(name: string, generation: number): Promise<void> {
    const { paths } = this.#sandbox;
    const launched = this.#start({
      file: `${paths.opt}/extensions/${name}`,
      args: [],
      env: withInspectOption(extensionVariables(this.#facts), this.#inspected.portOf(name)),
      cwd: paths.task,
      logDescriptor: false,
      ...this.#capture({ type: "extension", extensionName: name }),
    });
    this.#extensions.set(name, launched);
    const result = await launched.launching;
    if (!result.started) {
      // LIFE-05: AWS's path, wherever the sandbox keeps the file.
      const text = `fork/exec /opt/extensions/${name}: ${result.reason}`;
      if (generation === 1) this.#note(`The extension ${name} cannot be started: ${result.detail}.`);
      this.#dispatch({ event: "extension launch failed", name, text });
      return;
    }
    this.#dispatch({ event: "extension launched", name });
    const exit = await result.process.exited;
    this.#extensions.delete(name);
    if (generation === 1 && exit.code !== null && exit.code !== 0) this.#noteLoneFile(name, exit.code);
    this.#dispatch({ event: "extension exited", generation, name, exit });
  }

  async launchRuntime(generation: number): Promise<void> {
    const command = this.#runtimeCommand();
    if (command.kind === "no bootstrap") {
      this.#dispatch({ event: "runtime launch failed", errorType: "Runtime.InvalidEntrypoint", text: command.error });
      return;
    }
    // Once, however often the runtime is launched again.
    if (command.notice !== undefined && generation === 1) this.#note(command.notice);
    const { language, identifier } = this.#hosted.runtime;
    if (language !== "nodejs" && this.#inspected.portOf() !== undefined && generation === 1)
      this.#note(`The runtime ${identifier} cannot be debugged: there are debuggers for Node.js only.`);
    const launched = this.#start({
      file: command.file,
      args: command.args,
      env: runtimeVariables(this.#facts, command.variables),
      cwd: this.#sandbox.paths.task,
      // CAP-36: only where the runtime takes the framed form.
      logDescriptor: this.#hosted.framedLog && this.#hosted.runtime.language !== "provided",
      ...this.#capture({ type: "function" }),
    });
    this.#runtime = launched;
    const result = await launched.launching;
    if (!result.started) {
      // RT-106
      const text = `fork/exec ${this.#asOnLambda(command.file)}: ${result.reason}`;
      if (generation === 1) this.#note(`The runtime cannot be started: ${result.detail}.`);
      this.#dispatch({ event: "runtime launch failed", errorType: "Runtime.InvalidEntrypoint", text });
      return;
    }
    this.#dispatch({ event: "runtime launched" });
    const exit = await result.process.exited;
    this.#runtime = undefined;
    this.#dispatch({ event: "runtime exited", generation, exit });
  }

  /** The process sandbox runs the file where it lies; an extension that needs its neighbours fails first here. */
  #noteLoneFile(name: string, status: number): void {
    if (this.#sandbox.paths.opt !== "/opt" || !this.#hosted.extensionFiles.some((given) => given.name === name)) return;
    this.#note(
      `The extension ${name} exits with status ${status}. It was given as one file: what lies beside it is not in this sandbox, nor would it be on Lambda; --layer takes a directory with extensions/${name} and all that it needs.`,
    );
  }

  #runtimeCommand(): RuntimeCommand {
    const { runtime, handler, memorySizeMb, environmentVariables, codeDirectory, layerDirectories } = this.#hosted;
    const { paths } = this.#sandbox;
    return runtimeCommand({
      runtime,
      paths,
      handler,
      memorySizeMb,
      codeDirectory,
      layerDirectories,
      variables: environmentVariables,
      debugFlags: runtime.language === "nodejs" ? inspectFlags(this.#inspected.portOf()) : [],
    });
  }

  /** Callers compare these texts, wherever the sandbox keeps the file (RT-106). */
  #asOnLambda(file: string): string {
    const { task, opt } = this.#sandbox.paths;
    return file.replace(`${task}/`, "/var/task/").replace(`${opt}/`, "/opt/");
  }

  signalRuntime(signal: "SIGTERM" | "SIGKILL"): void {
    signalWhenLaunched(this.#runtime, signal);
  }

  /** Ends the process of an extension, or of `runtime`, as a crash does; false when there is none. Fulfilled when it has ended. */
  async crash(name: string): Promise<boolean> {
    const launched = name === "runtime" ? this.#runtime : this.#extensions.get(name);
    const result = await launched?.launching;
    if (result?.started !== true) return false;
    result.process.signal("SIGKILL");
    await result.process.exited;
    return true;
  }

  killExtension(name: string): void {
    signalWhenLaunched(this.#extensions.get(name), "SIGKILL");
  }

  /** Ends whatever is left, launches under way included. */
  async sweep(): Promise<void> {
    const underWay = [...this.#extensions.values()].map(({ launching }) => launching);
    if (this.#runtime !== undefined) underWay.push(this.#runtime.launching);
    await Promise.allSettled(underWay);
    await this.#sandbox.sweep();
    this.#extensions.clear();
  }

  get pids(): readonly { readonly name: string; readonly pid: number }[] {
    const named = [...this.#extensions, ["runtime", this.#runtime] as const];
    return named.flatMap(([name, launched]) =>
      launched?.process === undefined ? [] : [{ name, pid: launched.process.pid }],
    );
  }

  #start(spec: ProcessSpec): Launched {
    const launched: Launched = { launching: this.#sandbox.start(spec) };
    void launched.launching.then((result) => {
      if (result.started) launched.process = result.process;
    });
    return launched;
  }

  /** CAP-01, CAP-02, CAP-06: each stream by itself. */
  #capture(who: Pick<LogLine, "type" | "extensionName">): Pick<ProcessSpec, "onOutput" | "onOutputEnd"> {
    const captures = new Map<OutputStream, OutputCapture>();
    const captureOf = (stream: OutputStream): OutputCapture => {
      let capture = captures.get(stream);
      if (capture === undefined) {
        const options = { source: { ...who, stream }, emit: this.#accept };
        capture = stream === "log" ? new FrameCapture(options) : new LineCapture(options);
        captures.set(stream, capture);
      }
      return capture;
    };
    return {
      onOutput: (stream, bytes) => captureOf(stream).accept(bytes, this.#clock.now()),
      onOutputEnd: (stream) => {
        captures.get(stream)?.close(this.#clock.now());
        this.#outputEnded();
      },
    };
  }
}

function signalWhenLaunched(launched: Launched | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (launched === undefined) return;
  if (launched.process !== undefined) launched.process.signal(signal);
  else void launched.launching.then((result) => result.started && result.process.signal(signal));
}
