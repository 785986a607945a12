/** A Lambda service for a test: AWS's own clients reach it, its clock can be moved, and nothing of it is left. */
import { failure } from "../errors.ts";
import type { ProjectNews } from "../service/deploy/project-session.ts";
import type { EnvironmentDocument } from "../service/environments/environment-documents.ts";
import type { LiveLine } from "../service/live-lines.ts";
import { durationMs } from "../service/movable-clock.ts";
import type { ProjectChoice, RunningService } from "../service/running-service.ts";
import type { ProjectSettings } from "../service/project/project.ts";
import type { ServiceSettings } from "../service/settings.ts";
import { destinationVariables } from "./destinations/destination-variables.ts";
import type { FakeDestination } from "./destinations/fake-destination.ts";

export interface ServiceOptions extends Partial<ServiceSettings> {
  /** Directory or file of a project, of which all functions are deployed; default none: create them by the API. */
  readonly project?: string;
  /** Values of a template's parameters, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default 0, any that is free. */
  readonly port?: number;
  /** How processes are kept apart; default `process`, in strict mode `auto`. See `EnvironmentOptions`. */
  readonly sandbox?: "auto" | "process" | "linux";
  /** True refuses to start where any wall or limit of Lambda's would be less than enforced (ENV-153); default false. */
  readonly strict?: boolean;
  /** What programs reach; default `none`, with destinations `machine`. See `EnvironmentOptions`. */
  readonly network?: "auto" | "machine" | "internet" | "none";
  /** False keeps the processes running between phases (LIFE-102); default true. */
  readonly freeze?: boolean;
  /** Daemon of AWS's X-Ray that gets all segments too: `host:port`, or `tcp:host:port udp:host:port`; default `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly xrayDaemon?: string;
  /**
   * Fake back ends (`createDestination`): the project's functions are given the variables that lead to them, unless they
   * have them. To functions that are made by the API give `backend.environment`.
   */
  readonly destinations?: readonly FakeDestination[];
  /** MB that the memory sizes of all environments may come to; by default what this machine has, but for a rest. */
  readonly memoryLimitMb?: number;
}

/** A line of a log, with the function it is of. */
export type ServiceLogLine = LiveLine;

/**
 * Starts a service on 127.0.0.1 and deploys the project, if there is one. Nothing is kept unless `dataDir` says where.
 * @throws LambdariumError for an option that cannot be, a port that is taken, a project of which anything was refused.
 */
export async function createService(options: ServiceOptions = {}): Promise<Service> {
  const { project, parameters, port, strict, network, freeze, memoryLimitMb, xrayDaemon, destinations, ...others } =
    options;
  const { sandbox = strict === true ? "auto" : "process", ...settings } = others;
  const listeners = new Listeners();
  // Who makes single environments only does not pay for a service.
  const [{ startService }, { checkedSettings }] = await Promise.all([
    import("../service/start-service.ts"),
    import("../service/read-settings.ts"),
  ]);
  const ofProject =
    project === undefined ? undefined : await settingsOfProject(project, parameters ?? {}, checkedSettings(settings));
  const running = await startService({
    port: port ?? 0,
    settings: checkedSettings(settings, ofProject),
    host: {
      sandbox,
      strict: strict ?? false,
      network: network ?? (destinations === undefined ? "none" : "machine"),
      initCpu: "proportional",
      freeze: freeze ?? true,
    },
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
    ...(xrayDaemon === undefined ? {} : { xrayDaemon }),
    tell: listeners.tell,
  });
  try {
    const variables = await destinationVariables(destinations ?? [], sandbox);
    const choice = { path: project ?? "", parameters: parameters ?? {}, amend: withVariables(variables) };
    const served = project === undefined ? undefined : await deployed(running, choice, listeners);
    return new Service(running, served, listeners);
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function settingsOfProject(
  path: string,
  parameters: Readonly<Record<string, string>>,
  { defaultRegion: region, accountId }: ServiceSettings,
): Promise<ProjectSettings | undefined> {
  const { loadProject } = await import("../service/project/load-project.ts");
  return (await loadProject({ path, parameters, region, accountId })).settings;
}

const withVariables =
  (variables: Readonly<Record<string, string>>): ProjectChoice["amend"] =>
  (one) => ({ ...one, environmentVariables: { ...variables, ...one.environmentVariables } });

async function deployed(running: RunningService, choice: ProjectChoice, listeners: Listeners): Promise<Deployed> {
  let refused: unknown;
  const session = running.openProject(choice, (news: ProjectNews) => {
    if (news.kind === "notice") listeners.tell(news.text);
    if (news.kind !== "refused") return;
    refused ??= news.error;
    listeners.tell(news.error instanceof Error ? news.error.message : String(news.error));
  });
  const deploy = async (): Promise<void> => {
    refused = undefined;
    await session.deploy();
    if (refused !== undefined) throw refused;
  };
  await deploy();
  return { deploy, close: () => session.close() };
}

/** A project that is served. */
interface Deployed {
  /** @throws LambdariumError for the first thing that was refused; the rest is served. */
  readonly deploy: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export class Service {
  readonly #running: RunningService;
  readonly #project: Deployed | undefined;
  readonly #listeners: Listeners;

  /** Use `createService`. */
  constructor(running: RunningService, project: Deployed | undefined, listeners: Listeners) {
    this.#running = running;
    this.#project = project;
    this.#listeners = listeners;
  }

  /** `http://127.0.0.1:PORT`, what AWS's clients take as their endpoint. */
  get endpoint(): string {
    return this.#running.endpoint;
  }

  /** Region of the project's functions, and of requests that are not signed. */
  get region(): string {
    return this.#running.settings.defaultRegion;
  }

  /** Environment variables that lead AWS's clients in other processes here, with keys that open nothing. */
  get variables(): Readonly<Record<string, string>> {
    return this.#running.clientVariables;
  }

  /** What was inferred, left out or refused, a line each. */
  get notices(): readonly string[] {
    return this.#listeners.notices;
  }

  /** The clock of idle times, retries and ages; what runs inside environments has the machine's. */
  readonly clock = {
    /** Milliseconds since the epoch. */
    now: (): number => this.#running.clock.now(),
    /**
     * Moves on by milliseconds, or by a text such as `30s`, `6m`, `2h`; what is due on the way happens in its order.
     * @throws LambdariumError `invalid-setting` for a text that is no duration, a time that is over, or more than a year.
     */
    advance: (duration: number | string): void => {
      const ms = durationMs(duration);
      if (ms === undefined)
        throw failure("invalid-setting", {
          setting: "advance",
          value: duration,
          why: 'it is a number of ms or a text such as "6m", of a year at most',
        });
      this.#running.clock.advance(ms);
    },
  };

  /** The execution environments there are, with what each is doing. */
  environments(): readonly EnvironmentDocument[] {
    return this.#running.environments();
  }

  /** Shuts down the idle environments of the function, or of all; the next call is a cold start. */
  spinDown(functionName?: string): void {
    this.#running.spinDown(functionName);
  }

  /**
   * Kills the process of an external extension, or of `runtime`, as a crash does, in every environment of the function;
   * what runs there, or the next invocation, fails with `Extension.Crash` or `Runtime.ExitError`.
   * @throws LambdariumError `process-not-running`
   */
  async crash(functionName: string, name: string): Promise<void> {
    const { killed, running } = await this.#running.crash(functionName, name);
    if (killed === 0) throw failure("process-not-running", { name, running });
  }

  /** Calls back with each new log line of any environment; gives the way to stop it. */
  onLog(listener: (line: ServiceLogLine) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Reads the project again and deploys it, as `lambdarium start` does when files have changed.
   * @throws LambdariumError for the first function that was refused; it is served as before, and the others are deployed.
   */
  async redeploy(): Promise<void> {
    await this.#project?.deploy();
  }

  /** Ends everything in Lambda's order; fulfilled when nothing of it is left. */
  async stop(): Promise<void> {
    await this.#project?.close();
    await this.#running.stop();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    await this.#running.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

class Listeners {
  readonly notices: string[] = [];
  readonly #onLog = new Set<(line: LiveLine) => void>();

  readonly tell = (line: LiveLine | string): void => {
    if (typeof line === "string") this.notices.push(line);
    else for (const listener of this.#onLog) listener(line);
  };

  add(listener: (line: LiveLine) => void): () => void {
    this.#onLog.add(listener);
    return () => this.#onLog.delete(listener);
  }
}
