/** A project while it is served: deployed, and deployed again whenever its files change. */
import { failure, LambdariumError } from "../../errors.ts";
import { findingText } from "../project/project-fault.ts";
import { loadProject, type ProjectRequest } from "../project/load-project.ts";
import type { Project, ProjectFunction } from "../project/project.ts";
import { Refusal } from "../refusal.ts";
import { deployAliases, deployFunction, deploySettings, updateCode } from "./deploy-function.ts";
import type { Deployer } from "./deployer.ts";
import { type GivenFunction, givenFunctions, rememberGiven } from "./given-functions.ts";
import { type PreparedFunction, prepareProjectFunction } from "./prepared-function.ts";
import { type FileWatch, watchFiles } from "./watch-files.ts";
import { withdrawSettings } from "./withdraw-settings.ts";
import { affectedBy, type WatchedFunction, type WatchPlan, watchPlan } from "./watch-plan.ts";

export interface ProjectSessionOptions {
  readonly request: ProjectRequest;
  readonly deployer: Deployer;
  /** For source code that a template has inside. */
  readonly workDirectory: string;
  /** Gives every function what the command line says about all or some of them. */
  readonly amend: (project: ProjectFunction) => ProjectFunction;
  readonly tell: (news: ProjectNews) => void;
}

export type ProjectNews =
  /** What is in the file and has no effect, or what was inferred. */
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "deployed"; readonly functionNames: readonly string[]; readonly tookMs: number }
  | { readonly kind: "removed"; readonly functionName: string }
  /** What was served before is served on. */
  | { readonly kind: "refused"; readonly error: unknown };

/** A function of the project, whether or not it could be deployed. */
export interface SessionFunction extends WatchedFunction {
  /** As it was deployed last; nothing when it never could be. */
  readonly served: PreparedFunction | undefined;
  /** Where its function URL is, when the project gives it one. */
  readonly functionUrl?: string | undefined;
}

/** A function on its way into the service. */
interface Deployment {
  readonly project: ProjectFunction;
  /** Of the project. */
  readonly file: string;
  readonly prepared: PreparedFunction;
  /** Nothing but its code was told. */
  readonly isCode: boolean;
  readonly undo: () => void;
}

export class ProjectSession {
  readonly #options: ProjectSessionOptions;
  readonly #functions = new Map<string, SessionFunction>();
  readonly #told = new Set<string>();
  #project: Project | undefined;
  /** What functions have of this project, from this process and those before it. */
  #given = new Map<string, GivenFunction>();
  #plan: WatchPlan = { roots: [] };
  #watch: FileWatch | undefined;
  #watching = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ProjectSessionOptions) {
    this.#options = options;
  }

  get functions(): readonly SessionFunction[] {
    return [...this.#functions.values()];
  }

  /** Reads and deploys; what is refused is told, and the rest is served. @throws LambdariumError `project-not-found`, `project-invalid` */
  deploy(): Promise<void> {
    return this.#inTurn(() => this.#deployAll());
  }

  async watch(): Promise<void> {
    this.#watching = true;
    await this.#inTurn(() => this.#watchAgain());
  }

  async close(): Promise<void> {
    this.#watching = false;
    await this.#work.catch(() => {});
    await this.#watch?.close();
  }

  /** One thing at a time: an update during another one would be refused (SVC-92). */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.catch(() => {}).then(work);
    this.#work = done;
    return done;
  }

  async #deployAll(): Promise<void> {
    const started = performance.now();
    const { workDirectory, request } = this.#options;
    // A file that is away for a moment, while an editor or git writes it, is not looked for elsewhere.
    const project = await loadProject({ ...request, path: this.#project?.chosen ?? request.path });
    for (const finding of project.findings) this.#notice(findingText(project.file, finding));
    if (this.#project !== undefined && !same(this.#project.settings, project.settings ?? []))
      this.#options.tell({ kind: "notice", text: "the settings have changed: they hold from the next start on" });
    const functions = project.functions.map(this.#options.amend);
    const deployed: string[] = [];
    this.#project = project;
    const by = { file: project.chosen, region: request.region };
    this.#given = await givenFunctions(workDirectory, by);
    const begun: (Deployment | undefined)[] = [];
    for (const one of functions) begun.push(await this.#begin(one, project.file));
    for (const one of begun) if (one !== undefined && (await this.#finish(one))) deployed.push(one.project.name);
    for (const name of new Set([...this.#given.keys(), ...this.#functions.keys()]))
      if (!functions.some((one) => one.name === name)) await this.#remove(name);
    await rememberGiven(workDirectory, by, this.#given.values());
    this.#plan = watchPlan(project, this.functions);
    if (deployed.length > 0) this.#deployed(deployed, started);
  }

  async #deployOne(one: ProjectFunction, file: string, codeOnly = false): Promise<boolean> {
    const begun = await this.#begin(one, file, codeOnly);
    return begun !== undefined && (await this.#finish(begun));
  }

  /** The function itself; nothing when it is refused. */
  async #begin(project: ProjectFunction, file: string, codeOnly = false): Promise<Deployment | undefined> {
    const { deployer, workDirectory } = this.#options;
    const { name } = project;
    const before = this.#functions.get(name);
    const codePath = project.code.kind === "path" ? project.code.path : undefined;
    // What is refused is watched too, for its mending.
    this.#functions.set(name, before ?? { project, codePath, bundledFrom: [], served: undefined });
    const undo = deployer.remember(name);
    try {
      const prepared = await prepareProjectFunction(project, workDirectory);
      for (const notice of prepared.notices) this.#notice(`${name}: ${notice}`);
      const { bundledFrom } = prepared;
      const now = { ...before, project, codePath: prepared.code.path, bundledFrom, served: before?.served };
      this.#functions.set(name, now);
      if (!same(before?.served?.extensionFiles, prepared.extensionFiles))
        deployer.setExtensions(name, prepared.extensionFiles);
      const isCode = codeOnly && onlyCodeDiffers(before?.served, prepared);
      if (isCode) await deployCode(prepared, deployer);
      else await deployFunction(prepared, deployer);
      return { project, file, prepared, isCode, undo };
    } catch (error) {
      this.#refused(error, { project, file, undo });
      return undefined;
    }
  }

  /** What belongs to it, when all functions that it may name are there. */
  async #finish(deployment: Deployment): Promise<boolean> {
    const { project, prepared, isCode } = deployment;
    const { deployer } = this.#options;
    try {
      const known = this.#functions.get(project.name)!;
      const functionUrl = isCode ? known.functionUrl : await deploySettings(prepared, deployer);
      const given = this.#given.get(project.name);
      if (given !== undefined) await withdrawSettings(given, project, deployer);
      this.#given.set(project.name, project);
      this.#functions.set(project.name, { ...known, functionUrl, served: prepared });
      return true;
    } catch (error) {
      this.#refused(error, deployment);
      return false;
    }
  }

  /** All of it or nothing: what an earlier step has made does not stay when a later one is refused. */
  #refused(cause: unknown, { project, file, undo }: Pick<Deployment, "project" | "file" | "undo">): void {
    undo();
    this.#options.tell({ kind: "refused", error: refusal(cause, project, file) });
  }

  async #remove(name: string): Promise<void> {
    const isMine = this.#given.delete(name) || this.#functions.get(name)?.served !== undefined;
    this.#functions.delete(name);
    if (!isMine) return;
    await this.#options.deployer.find("DeleteFunction", { FunctionName: name });
    this.#options.tell({ kind: "removed", functionName: name });
  }

  async #watchAgain(): Promise<void> {
    if (!this.#watching) return;
    const before = this.#watch;
    // The former one goes on until the new one sees everything: no change falls between them.
    this.#watch = await watchFiles(this.#plan, (files) => void this.#changed(files));
    await before?.close();
  }

  #changed(files: ReadonlySet<string>): Promise<void> {
    if (!this.#watching) return Promise.resolve();
    return this.#inTurn(() => this.#follow(files)).catch((error: unknown) =>
      this.#options.tell({ kind: "refused", error }),
    );
  }

  async #follow(files: ReadonlySet<string>): Promise<void> {
    const { project, code, whole } = affectedBy(files, this.#plan);
    if (project) {
      await this.#deployAll();
      return this.#watchAgain();
    }
    const started = performance.now();
    const deployed: string[] = [];
    for (const name of [...code, ...whole]) {
      const known = this.#functions.get(name);
      if (known !== undefined && (await this.#deployOne(known.project, this.#project!.file, code.has(name))))
        deployed.push(name);
    }
    if (deployed.length > 0) this.#deployed(deployed, started);
    await this.#watchNewSources();
  }

  /** A source may import other files now than it did. */
  async #watchNewSources(): Promise<void> {
    const plan = watchPlan(this.#project!, this.functions);
    if (same(plan, this.#plan)) return;
    this.#plan = plan;
    await this.#watchAgain();
  }

  #deployed(functionNames: readonly string[], started: number): void {
    this.#options.tell({ kind: "deployed", functionNames, tookMs: performance.now() - started });
  }

  #notice(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.tell({ kind: "notice", text });
  }
}

/** With the same handler, new code is all there is to tell. */
const onlyCodeDiffers = (served: PreparedFunction | undefined, now: PreparedFunction): boolean =>
  served !== undefined && served.runtime === now.runtime && served.handler === now.handler;

async function deployCode(prepared: PreparedFunction, deployer: Deployer): Promise<void> {
  // What an alias leads to is a copy, made of what the API has been told; a directory alone is read as it is.
  if (prepared.code.kind === "directory" && prepared.project.aliases.length === 0)
    return deployer.redeploy(prepared.project.name);
  await updateCode(prepared, deployer);
  await deployAliases(prepared, deployer);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? []) === JSON.stringify(other);

function refusal(cause: unknown, { name: functionName, place: at }: ProjectFunction, file: string): unknown {
  const place = `${at.file ?? file}:${at.line}`;
  if (cause instanceof Refusal)
    return failure(
      "deployment-refused",
      { functionName, place, message: `${cause.error.name}: ${cause.message}` },
      cause,
    );
  if (cause instanceof LambdariumError)
    return new LambdariumError(
      cause.code,
      `${place}: ${functionName}: ${cause.message}`,
      cause.hint,
      cause.mendedBy,
      cause,
    );
  return cause;
}
