/** A service with its project, shown on standard error while it runs: what `start` and `exec` have in common. */
import type { ProjectNews, ProjectSession } from "../service/deploy/project-session.ts";
import type { LiveLine } from "../service/live-lines.ts";
import type { RunningService } from "../service/running-service.ts";
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
  static async open(plan: ServicePlan, display: Display): Promise<ServiceSession> {
    const service = await startService({ ...plan.service, tell: display.line });
    try {
      if (plan.project === undefined) return new ServiceSession(service, undefined);
      const project = service.openProject(plan.project, display.news);
      await project.deploy();
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

/** Writes everything that happens, a line with who wrote it. */
export class Display {
  readonly #output: Output;
  readonly #log: LiveLog;
  /** What was refused; the commands decide what follows from it. */
  refusals = 0;

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
        this.refusals += 1;
        return this.line(failureText(news.error).trimEnd());
      default:
        return news satisfies never;
    }
  };

  show(line: LogSource): void {
    this.#output.stderr.write(this.#log.text(line));
  }
}
