/** A function of a template, as SAM or as CloudFormation writes it. */
import { pathLayer } from "./project-file.ts";
import type { AliasChoice, AsynchronousChoice, LayerSource, ProjectFunction, UrlChoice } from "./project.ts";
import { readCode } from "./template-code.ts";
import type { PropertyReader } from "./template-properties.ts";
import { Reference } from "./template-value.ts";

/** Gives nothing, with the reason found, where the function cannot run here. */
export function readServerlessFunction(reader: PropertyReader): ProjectFunction | undefined {
  const code = readCode(reader, { path: "CodeUri", inline: "InlineCode" });
  if (code === undefined) return undefined;
  tellLeftOut(reader, serverlessMembers);
  const alias = reader.text("AutoPublishAlias");
  const provisionedConcurrency = reader.numberIn("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions");
  const aliases: AliasChoice[] =
    alias === undefined
      ? []
      : [{ name: alias, ...(provisionedConcurrency === undefined ? {} : { provisionedConcurrency }) }];
  return {
    ...common(reader, code),
    ...optional("deadLetterTargetArn", reader.text("DeadLetterQueue.TargetArn")),
    ...optional("tracing", tracingOf(reader.text("Tracing"))),
    ...optional(
      "asynchronous",
      reader.has("EventInvokeConfig") ? asynchronousOf(reader, "EventInvokeConfig.", alias) : undefined,
    ),
    ...optional("url", urlOf(reader, alias)),
    tags: reader.texts("Tags"),
    aliases,
  };
}

export function readCloudFormationFunction(reader: PropertyReader): ProjectFunction | undefined {
  const code = readCode(reader, { path: "Code", inline: "Code.ZipFile" });
  if (code === undefined) return undefined;
  tellLeftOut(reader, cloudFormationMembers);
  return {
    ...common(reader, code),
    ...optional("deadLetterTargetArn", reader.text("DeadLetterConfig.TargetArn")),
    ...optional("tracing", tracingOf(reader.text("TracingConfig.Mode"))),
    tags: tagList(reader),
    aliases: [],
  };
}

function common(reader: PropertyReader, code: ProjectFunction["code"]): Omit<ProjectFunction, "aliases" | "tags"> {
  const applyOn = reader.text("SnapStart.ApplyOn");
  const [architecture] = reader.list("Architectures");
  return {
    name: reader.text("FunctionName") ?? reader.logicalId,
    place: reader.place,
    code,
    ...optional("runtime", reader.text("Runtime")),
    ...optional("handler", reader.text("Handler")),
    ...optional("description", reader.text("Description")),
    ...optional("memorySizeMb", reader.number("MemorySize")),
    ...optional("timeoutSeconds", reader.number("Timeout")),
    ...optional("ephemeralStorageMb", reader.numberIn("EphemeralStorage", "Size")),
    ...optional("architecture", typeof architecture?.value === "string" ? architecture.value : undefined),
    ...optional("snapStart", applyOn === undefined ? undefined : applyOn === "PublishedVersions"),
    ...optional("reservedConcurrency", reader.number("ReservedConcurrentExecutions")),
    ...optional("logging", loggingOf(reader)),
    environmentVariables: reader.texts("Environment.Variables"),
    environmentFiles: [],
    layers: reader.list("Layers").flatMap(({ value, place }) => layerOf(reader, value, place.line)),
    extensions: [],
  };
}

const optional = <Name extends string, T>(name: Name, value: T | undefined): { [N in Name]?: T } =>
  value === undefined ? {} : ({ [name]: value } as { [N in Name]?: T });

function layerOf(reader: PropertyReader, value: unknown, line: number): LayerSource[] {
  if (!(value instanceof Reference)) return typeof value === "string" ? [{ kind: "arn", arn: value }] : [];
  const layer = reader.of(value.logicalId);
  const name = layer?.text("LayerName") ?? value.logicalId;
  const code =
    layer === undefined ? undefined : readCode(layer, { path: layer.has("ContentUri") ? "ContentUri" : "Content" });
  if (code?.kind === "path") return [{ ...pathLayer(code.path), name }];
  reader.find("Layers", `the layer ${value.logicalId} (line ${line}) is left out of ${reader.logicalId}`);
  return [];
}

function loggingOf(reader: PropertyReader): ProjectFunction["logging"] {
  if (!reader.has("LoggingConfig")) return undefined;
  return {
    ...optional("format", reader.text("LoggingConfig.LogFormat")),
    ...optional("applicationLevel", reader.text("LoggingConfig.ApplicationLogLevel")),
    ...optional("systemLevel", reader.text("LoggingConfig.SystemLogLevel")),
    ...optional("group", reader.text("LoggingConfig.LogGroup")),
  };
}

const tracingOf = (mode: string | undefined): "Active" | "PassThrough" | undefined =>
  mode === "Active" || mode === "PassThrough" ? mode : undefined;

/** As SAM nests it in a function (`prefix`), and as CloudFormation has it. SAM puts it on the alias where one is published. */
export function asynchronousOf(
  reader: PropertyReader,
  prefix: "" | "EventInvokeConfig.",
  alias: string | undefined,
): AsynchronousChoice {
  const destination = (route: string) => reader.text(`${prefix}DestinationConfig.${route}.Destination`);
  return {
    ...optional("maximumRetryAttempts", reader.number(`${prefix}MaximumRetryAttempts`)),
    ...optional("maximumEventAgeSeconds", reader.number(`${prefix}MaximumEventAgeInSeconds`)),
    ...optional("onSuccess", destination("OnSuccess")),
    ...optional("onFailure", destination("OnFailure")),
    ...optional("alias", alias),
  };
}

/** SAM puts the address on the alias where the function publishes one. */
function urlOf(reader: PropertyReader, alias: string | undefined): UrlChoice | undefined {
  if (!reader.has("FunctionUrlConfig")) return undefined;
  return {
    authType: reader.text("FunctionUrlConfig.AuthType") ?? "NONE",
    ...optional("invokeMode", reader.text("FunctionUrlConfig.InvokeMode")),
    ...optional("cors", reader.value("FunctionUrlConfig.Cors")),
    ...optional("alias", alias),
  };
}

function tagList(reader: PropertyReader): Record<string, string> {
  const tags = reader.list("Tags").map(({ value }) => value as { Key?: unknown; Value?: unknown } | null);
  const pairs = tags.map((tag) => [scalarText(tag?.Key), scalarText(tag?.Value)] as const);
  return Object.fromEntries(
    pairs.flatMap(([key, text]) => (key === undefined || text === undefined ? [] : [[key, text]])),
  );
}

const scalarText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

/** `true`: read here, or about who may do what, which nobody is asked here. `false`: has no effect here, which is said. */
const sharedMembers: Readonly<Record<string, boolean>> = {
  FunctionName: true,
  Runtime: true,
  Handler: true,
  Description: true,
  MemorySize: true,
  Timeout: true,
  EphemeralStorage: true,
  Architectures: true,
  SnapStart: true,
  ReservedConcurrentExecutions: true,
  LoggingConfig: true,
  Environment: true,
  Layers: true,
  Tags: true,
  PackageType: true,
  Role: true,
  KmsKeyArn: true,
  RecursiveLoop: true,
  RuntimeManagementConfig: true,
};

const serverlessMembers: Readonly<Record<string, boolean>> = {
  ...sharedMembers,
  CodeUri: true,
  InlineCode: true,
  AutoPublishAlias: true,
  ProvisionedConcurrencyConfig: true,
  EventInvokeConfig: true,
  FunctionUrlConfig: true,
  DeadLetterQueue: true,
  Tracing: true,
  Policies: true,
  PolicyTemplates: true,
  PermissionsBoundary: true,
  AssumeRolePolicyDocument: true,
  RolePath: true,
  VersionDescription: true,
  PropagateTags: true,
};

const cloudFormationMembers: Readonly<Record<string, boolean>> = {
  ...sharedMembers,
  Code: true,
  DeadLetterConfig: true,
  TracingConfig: true,
};

function tellLeftOut(reader: PropertyReader, members: Readonly<Record<string, boolean>>): void {
  if (reader.properties?.kind !== "map") return;
  for (const name of reader.properties.members.keys()) {
    if (members[name] === true) continue;
    const what =
      name === "Events" ? "events start nothing here: invoke it, or give it a function URL" : "it has no effect here";
    reader.find(name, `${name} of ${reader.logicalId} is left out: ${what}`);
  }
}
