/** The service while it runs: what may be asked of it besides its APIs, and its end. */
import type { FrontDoor } from "../aws-api/front-door.ts";
import type { ControlPlane } from "./control-plane.ts";
import { Deployer } from "./deploy/deployer.ts";
import { type ProjectNews, ProjectSession } from "./deploy/project-session.ts";
import type { EnvironmentDocument } from "./environments/environment-documents.ts";
import type { InspectorDoor } from "./inspect/inspector-door.ts";
import type { Invoker } from "./invoker.ts";
import type { MovableClock } from "./movable-clock.ts";
import type { ProjectFunction } from "./project/project.ts";
import type { ServiceSettings } from "./settings.ts";
import type { WorkDirectory } from "./work-directory.ts";

export interface ServiceParts {
  readonly door: FrontDoor;
  readonly controlPlane: ControlPlane;
  readonly invoker: Invoker;
  readonly clock: MovableClock;
  readonly settings: ServiceSettings;
  readonly inspector: InspectorDoor | undefined;
  readonly work: WorkDirectory;
  /** Of everything else, in order. */
  readonly endings: readonly (() => Promise<void>)[];
}

/** Which project is served, and how. */
export interface ProjectChoice {
  /** A directory or a file. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly amend: (project: ProjectFunction) => ProjectFunction;
}

/** Answers that are under way when the service ends have so long to be sent. */
const lastAnswersMs = 2000;

export class RunningService {
  readonly #parts: ServiceParts;
  #stopped: Promise<void> | undefined;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** `http://127.0.0.1:9070` */
  get endpoint(): string {
    return this.#parts.door.endpoint;
  }

  get settings(): ServiceSettings {
    return this.#parts.settings;
  }

  /** What leads AWS's clients here; the keys open nothing anywhere. */
  get clientVariables(): Readonly<Record<string, string>> {
    const region = this.settings.defaultRegion;
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: "lambdarium",
      AWS_SECRET_ACCESS_KEY: "lambdarium",
    };
  }

  get clock(): MovableClock {
    return this.#parts.clock;
  }

  /** Where debuggers attach. */
  get inspectPort(): number | undefined {
    return this.#parts.inspector?.port;
  }

  environments(): readonly EnvironmentDocument[] {
    return this.#parts.invoker.environments();
  }

  /** Shuts down what is idle (LIFE-109). */
  spinDown(functionName?: string): void {
    this.#parts.invoker.spinDown(functionName);
  }

  /** Kills this process in every environment of the function; how many there were, and what else runs there. */
  async crash(functionName: string, process: string): Promise<{ killed: number; running: readonly string[] }> {
    const environments = this.#parts.invoker.running(functionName);
    const running = environments.flatMap(({ parts }) => parts.processes.pids.map(({ name }) => name));
    const crashed = await Promise.all(environments.map((environment) => environment.crash(process)));
    return { killed: crashed.filter((one) => one).length, running: [...new Set(running)] };
  }

  /** Deploys nothing yet. */
  openProject({ path, parameters, amend }: ProjectChoice, tell: (news: ProjectNews) => void): ProjectSession {
    const { settings, controlPlane, work } = this.#parts;
    const region = settings.defaultRegion;
    return new ProjectSession({
      request: { path, parameters, region, accountId: settings.accountId },
      deployer: new Deployer(controlPlane, { region, endpoint: this.endpoint }),
      workDirectory: work.path,
      amend,
      tell,
    });
  }

  /** In order: running calls are answered, environments shut down, everything is kept, the port is free (SVC-230). */
  stop(): Promise<void> {
    this.#stopped ??= this.#end(() => this.#parts.invoker.close());
    return this.#stopped;
  }

  /** Skips every budget (LIFE-80). */
  async kill(): Promise<void> {
    await this.#parts.invoker.kill();
    await this.stop();
  }

  async #end(endInvoker: () => Promise<void>): Promise<void> {
    const { door, endings } = this.#parts;
    await endInvoker();
    await door.close(lastAnswersMs);
    for (const end of endings) await end();
  }
}
