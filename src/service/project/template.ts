/** SAM and CloudFormation templates: from text to the functions in them, and to what in them has no effect here. */
import path from "node:path";
import { type Located, locate, memberOf, TextFault } from "./located.ts";
import { ProjectFault } from "./project-fault.ts";
import type { AliasChoice, Finding, Place, Project, ProjectFunction, UrlChoice } from "./project.ts";
import { asynchronousOf, readCloudFormationFunction, readServerlessFunction } from "./template-function.ts";
import { withGlobals } from "./template-globals.ts";
import { PropertyReader } from "./template-properties.ts";
import { resourceValue, typeOfResource } from "./template-resources.ts";
import type { Surroundings } from "./template-value.ts";
import { TemplateValues } from "./template-values.ts";

export interface TemplateText {
  readonly text: string;
  /** Absolute path of the template. */
  readonly file: string;
  readonly around: Surroundings;
  /** Paths by the keys under which their content would lie in S3; CDK's. */
  readonly assets?: ReadonlyMap<string, string>;
}

/** @throws ProjectFault when the text is no template. */
export function readTemplate({ text, file, around, assets = new Map() }: TemplateText): Project {
  const template = locateTemplate(text, file);
  const resources = memberOf(template, "Resources");
  if (resources?.kind !== "map")
    throw new ProjectFault(file, [{ place: template.place, what: "a template has Resources" }]);
  const reading = new TemplateReading(template, file, around, assets);
  for (const [logicalId, { node, key }] of resources.members) reading.read(logicalId, node, key);
  return reading.project();
}

function locateTemplate(text: string, file: string): Located {
  try {
    return locate(text);
  } catch (error) {
    if (error instanceof TextFault)
      throw new ProjectFault(file, [{ place: error.place, what: `this is neither YAML nor JSON: ${error.message}` }]);
    throw error;
  }
}

class TemplateReading {
  readonly #template: Located;
  readonly #file: string;
  readonly #assets: ReadonlyMap<string, string>;
  readonly #values: TemplateValues;
  readonly #functions = new Map<string, ProjectFunction>();
  readonly #later: (() => void)[] = [];
  readonly #findings: Finding[] = [];

  constructor(template: Located, file: string, around: Surroundings, assets: ReadonlyMap<string, string>) {
    this.#template = template;
    this.#file = file;
    this.#assets = assets;
    const textOf = (node: Located): string | undefined => {
      const resolved = this.#values.resolveText(node);
      return resolved.kind === "known" ? resolved.value : undefined;
    };
    this.#values = new TemplateValues(template, around, resourceValue(memberOf(template, "Resources"), around, textOf));
  }

  project(): Project {
    for (const step of this.#later) step();
    const findings = this.#findings.toSorted((one, other) => one.place.line - other.place.line);
    const functions = [...this.#functions.values()];
    return { file: this.#file, chosen: this.#file, functions, findings, alsoRead: [] };
  }

  read(logicalId: string, resource: Located, place: Place): void {
    if (!this.#exists(resource)) return;
    const type = typeOfResource(resource);
    switch (type) {
      case "AWS::Serverless::Function": {
        const settled = withGlobals(resource, memberOf(memberOf(this.#template, "Globals"), "Function"));
        return this.#addFunction(logicalId, readServerlessFunction(this.#reader(logicalId, settled, place)));
      }
      case "AWS::Lambda::Function":
        return this.#addFunction(logicalId, readCloudFormationFunction(this.#reader(logicalId, resource, place)));
      case "AWS::Lambda::Alias":
        return void this.#later.push(() => this.#readAlias(this.#reader(logicalId, resource, place)));
      case "AWS::Lambda::Url":
        return void this.#later.push(() => this.#readUrl(this.#reader(logicalId, resource, place)));
      case "AWS::Lambda::EventInvokeConfig":
        return void this.#later.push(() => this.#readAsynchronous(this.#reader(logicalId, resource, place)));
      // Layers are read where functions name them; permissions and a version alone change nothing that runs here.
      case "AWS::Lambda::LayerVersion":
      case "AWS::Serverless::LayerVersion":
      case "AWS::Lambda::LayerVersionPermission":
      case "AWS::Lambda::Permission":
      case "AWS::Lambda::Version":
        return;
      default:
        if (isNestedStack(type)) this.#find(place, `${logicalId} is left out: ${nestedStack}`);
        else if (isOfLambda(type)) this.#find(place, `${logicalId} is left out: ${type} is not offered here`);
    }
  }

  #exists(resource: Located): boolean {
    const condition = memberOf(resource, "Condition");
    if (condition?.kind !== "scalar") return true;
    const holds = this.#values.condition(condition.text, condition.place);
    if (holds.kind === "unknown") this.#find(holds.place, `it is taken as true that ${condition.text}: ${holds.why}`);
    return holds.kind !== "known" || holds.value === true;
  }

  #reader(logicalId: string, resource: Located, place: Place): PropertyReader {
    return new PropertyReader({
      logicalId,
      resource,
      place,
      values: this.#values,
      resources: memberOf(this.#template, "Resources"),
      directory: path.dirname(this.#file),
      assets: this.#assets,
      find: (at, what) => this.#find(at, what),
    });
  }

  #find(place: Place, what: string): void {
    if (!this.#findings.some((known) => known.place.line === place.line && known.what === what))
      this.#findings.push({ place, what });
  }

  #addFunction(logicalId: string, read: ProjectFunction | undefined): void {
    if (read !== undefined) this.#functions.set(logicalId, read);
  }

  #readAlias(reader: PropertyReader): void {
    const owner = this.#ownerOf(reader, "FunctionName");
    const name = reader.text("Name");
    if (owner === undefined || name === undefined) return;
    if (reader.has("RoutingConfig"))
      reader.find("RoutingConfig", "weights of an alias are left out: one version is published here");
    const version = reader.value("FunctionVersion");
    if (typeof version === "string")
      reader.find(
        "FunctionVersion",
        `the alias ${name} is made for the version that is published here, not for ${version}`,
      );
    const provisionedConcurrency = reader.numberIn("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions");
    const alias: AliasChoice = { name, ...(provisionedConcurrency === undefined ? {} : { provisionedConcurrency }) };
    const [logicalId, project] = owner;
    this.#functions.set(logicalId, { ...project, aliases: [...project.aliases, alias] });
  }

  #readUrl(reader: PropertyReader): void {
    const owner = this.#ownerOf(reader, "TargetFunctionArn");
    if (owner === undefined) return;
    const alias = reader.text("Qualifier");
    const invokeMode = reader.text("InvokeMode");
    const cors = reader.value("Cors");
    const url: UrlChoice = {
      authType: reader.text("AuthType") ?? "NONE",
      ...(invokeMode === undefined ? {} : { invokeMode }),
      ...(cors === undefined ? {} : { cors }),
      ...(alias === undefined ? {} : { alias }),
    };
    this.#functions.set(owner[0], { ...owner[1], url });
  }

  #readAsynchronous(reader: PropertyReader): void {
    const owner = this.#ownerOf(reader, "FunctionName");
    if (owner === undefined) return;
    const qualifier = reader.text("Qualifier");
    // Those of a version that nobody knows yet are no one else's.
    if (qualifier === undefined && reader.has("Qualifier")) return;
    const asynchronous = asynchronousOf(reader, "", qualifier === "$LATEST" ? undefined : qualifier);
    this.#functions.set(owner[0], { ...owner[1], asynchronous });
  }

  /** The function that a resource of its own is about, named by `Ref`, by its ARN or by its name. */
  #ownerOf(reader: PropertyReader, member: string): [string, ProjectFunction] | undefined {
    const named = reader.text(member)?.replace(/^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+).*$/, "$1");
    const owner = [...this.#functions].find(([, { name }]) => name === named);
    if (owner === undefined && named !== undefined)
      reader.find(member, `${reader.logicalId} is left out: its function ${named} is not one of this template`);
    return owner;
  }
}

const isOfLambda = (type: string): boolean => type.startsWith("AWS::Lambda::");

const isNestedStack = (type: string): boolean =>
  type === "AWS::Serverless::Application" || type === "AWS::CloudFormation::Stack";

const nestedStack = "nested stacks are not read; its template can be served as a project of its own";
