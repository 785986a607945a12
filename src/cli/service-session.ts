/** A service with its project, shown on standard error while it runs: what `start` and `exec` have in common. */
import type { ProjectNews, ProjectSession } from "../service/deploy/project-session.ts";
import type { LiveLine } from "../service/live-lines.ts";
import { loadProject } from "../service/project/load-project.ts";
import type { RunningService } from "../service/running-service.ts";
import type { ServiceSettings } from "../service/settings.ts";
import { startService } from "../service/start-service.ts";
import { failureText } from "./failure-text.ts";
import { LiveLog, type LogSource } from "./live-log.ts";
import type { Output } from "./output.ts";
import type { ServicePlan } from "./service-plan.ts";

export class ServiceSession {
  readonly service: RunningService;
  readonly project: ProjectSession | undefined;

  /**
   * Starts, and deploys.
   * @throws LambdariumError for a port that is taken, a project that cannot be read or of which nothing could be deployed
   */
  static async open(
    plan: ServicePlan,
    display: Display,
    wants: "any function" | "all functions",
  ): Promise<ServiceSession> {
    // Before anything is started or made: the project may not even be there.
    const read =
      plan.project === undefined ? undefined : await loadProject({ ...plan.project, ...placeOf(plan.settings()) });
    const settings = plan.settings(read?.settings);
    const forward = settings.forward ?? read?.forward;
    const service = await startService({
      ...plan.service,
      settings: forward === undefined ? settings : { ...settings, forward },
      tell: display.line,
    });
    try {
      if (plan.project === undefined) return new ServiceSession(service, undefined);
      const refusals = display.keepRefusals();
      const project = service.openProject(plan.project, display.news);
      await project.deploy();
      const isServed = project.functions.some(({ served }) => served !== undefined);
      const [first] = refusals;
      if (first !== undefined && (wants === "all functions" || !isServed)) throw first;
      display.showRefusals();
      return new ServiceSession(service, project);
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  private constructor(service: RunningService, project: ProjectSession | undefined) {
    this.service = service;
    this.project = project;
  }

  /** In order: nothing is deployed any more, then the service ends (LIFE-80). */
  async stop(): Promise<void> {
    await this.project?.close();
    await this.service.stop();
  }

  async kill(): Promise<void> {
    await this.service.kill();
  }
}

const placeOf = ({ accountId, defaultRegion }: ServiceSettings) => ({ accountId, region: defaultRegion });

/** Writes everything that happens, a line with who wrote it. */
export class Display {
  readonly #output: Output;
  readonly #log: LiveLog;
  /** Of the first deployment, until it is known what follows from them. */
  #kept: unknown[] | undefined;

  constructor(output: Output) {
    this.#output = output;
    this.#log = new LiveLog(output.stderr.colour);
  }

  readonly line = (line: LiveLine | string): void => {
    this.show(typeof line === "string" ? { from: "lambdarium", text: line } : line);
  };

  readonly news = (news: ProjectNews): void => {
    switch (news.kind) {
      case "notice":
        return this.line(news.text);
      case "deployed":
        return this.line(`deployed ${news.functionNames.join(", ")} in ${Math.round(news.tookMs)} ms`);
      case "removed":
        return this.line(`removed ${news.functionName}, which is no longer in the project`);
      case "refused":
        if (this.#kept === undefined) this.line(failureText(news.error).trimEnd());
        else this.#kept.push(news.error);
        return undefined;
      default:
        return news satisfies never;
    }
  };

  /** What is refused from now on. */
  keepRefusals(): readonly unknown[] {
    return (this.#kept = []);
  }

  showRefusals(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const error of kept) this.news({ kind: "refused", error });
  }

  show(line: LogSource): void {
    this.#output.stderr.write(this.#log.text(line));
  }
}
