/** Brings one function of a project into the service, by the commands of its API. */
import { setTimeout as pause } from "node:timers/promises";
import type { Input } from "../model/operations.ts";
import { refusal } from "../refusal.ts";
import type { Answered, Deployer } from "./deployer.ts";
import { deployLayers } from "./deploy-layers.ts";
import { asynchronousInput, configurationInput, packageInput, type ConfigurationInput } from "./function-input.ts";
import type { PreparedFunction } from "./prepared-function.ts";

/** Created, or updated when it is there. @throws Refusal */
export async function deployFunction(prepared: PreparedFunction, deployer: Deployer): Promise<void> {
  const { name } = prepared.project;
  const layerArns = await deployLayers(prepared.layers, deployer);
  const configuration = configurationInput(prepared, layerArns, deployer.accountId);
  const there = await deployer.find("GetFunctionConfiguration", { FunctionName: name });
  if (there === undefined) await create(prepared, configuration, deployer);
  else await update(prepared, configuration, deployer, there);
}

/** What may name other functions, which have to be there; gives the address of its function URL, if it has one. @throws Refusal */
export async function deploySettings(prepared: PreparedFunction, deployer: Deployer): Promise<string | undefined> {
  await reserve(prepared, deployer);
  await deployAliases(prepared, deployer);
  await handleEvents(prepared, deployer);
  return url(prepared, deployer);
}

async function create(
  prepared: PreparedFunction,
  configuration: ConfigurationInput,
  deployer: Deployer,
): Promise<void> {
  const { name, tags, deadLetterTargetArn } = prepared.project;
  const { DeadLetterConfig, ...rest } = configuration;
  await deployer.perform("CreateFunction", {
    ...rest,
    ...(deadLetterTargetArn === undefined ? {} : { DeadLetterConfig }),
    ...architectures(prepared),
    FunctionName: name,
    Code: packageInput(prepared.code),
    Tags: tags,
  });
  await ready(name, deployer);
}

async function update(
  prepared: PreparedFunction,
  configuration: ConfigurationInput,
  deployer: Deployer,
  { FunctionArn }: Answered,
): Promise<void> {
  const { name, tags } = prepared.project;
  await ready(name, deployer).catch(() => {});
  await deployer.perform("UpdateFunctionConfiguration", { FunctionName: name, ...configuration });
  await ready(name, deployer);
  await updateCode(prepared, deployer);
  if (FunctionArn !== undefined && Object.keys(tags).length > 0)
    await deployer.perform("TagResource", { Resource: FunctionArn, Tags: tags });
}

/** Also replaces the environments when nothing has changed but files that the API does not see (SVC-91). */
export async function updateCode(prepared: PreparedFunction, deployer: Deployer): Promise<void> {
  const { name } = prepared.project;
  await deployer.perform("UpdateFunctionCode", {
    FunctionName: name,
    ...packageInput(prepared.code),
    ...architectures(prepared),
  });
  await ready(name, deployer);
}

const architectures = ({ project: { architecture } }: PreparedFunction) =>
  architecture === undefined ? {} : { Architectures: [architecture as "x86_64" | "arm64"] };

/** A deployment may take its time, and another one meanwhile would be refused (SVC-92). */
async function ready(name: string, deployer: Deployer): Promise<void> {
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 500)) {
    const now = await deployer.perform("GetFunctionConfiguration", { FunctionName: name });
    if (now.State === "Failed") throw refusal("ServiceException", now.StateReason ?? "It cannot be prepared.");
    if (now.LastUpdateStatus === "Failed")
      throw refusal("ServiceException", now.LastUpdateStatusReason ?? "It cannot be updated.");
    if (now.State !== "Pending" && now.LastUpdateStatus !== "InProgress") return;
    await pause(waitMs);
  }
}

async function reserve(
  { project: { name, reservedConcurrency } }: PreparedFunction,
  deployer: Deployer,
): Promise<void> {
  if (reservedConcurrency !== undefined)
    await deployer.perform("PutFunctionConcurrency", {
      FunctionName: name,
      ReservedConcurrentExecutions: reservedConcurrency,
    });
}

async function handleEvents(prepared: PreparedFunction, deployer: Deployer): Promise<void> {
  const asynchronous = asynchronousInput(prepared);
  if (asynchronous !== undefined)
    await deployer.perform("PutFunctionEventInvokeConfig", { FunctionName: prepared.project.name, ...asynchronous });
}

/** Each leads to a version that is published now; the same deployment published again is the same version (SVC-99). */
export async function deployAliases({ project }: PreparedFunction, deployer: Deployer): Promise<void> {
  if (project.aliases.length === 0) return;
  const of = { FunctionName: project.name };
  const version = String((await deployer.perform("PublishVersion", of)).Version);
  for (const { name, provisionedConcurrency } of project.aliases) {
    const there = await deployer.find("GetAlias", { ...of, Name: name });
    await deployer.perform(there === undefined ? "CreateAlias" : "UpdateAlias", {
      ...of,
      Name: name,
      FunctionVersion: version,
    });
    if (provisionedConcurrency !== undefined)
      await deployer.perform("PutProvisionedConcurrencyConfig", {
        ...of,
        Qualifier: name,
        ProvisionedConcurrentExecutions: provisionedConcurrency,
      });
  }
}

async function url({ project }: PreparedFunction, deployer: Deployer): Promise<string | undefined> {
  if (project.url === undefined) return undefined;
  const { authType, invokeMode, cors, alias } = project.url;
  const at = { FunctionName: project.name, ...(alias === undefined ? {} : { Qualifier: alias }) };
  const there = await deployer.find("GetFunctionUrlConfig", at);
  // The model refuses what it does not know, in AWS's words.
  const input = {
    ...at,
    AuthType: authType,
    ...(invokeMode === undefined ? {} : { InvokeMode: invokeMode }),
    ...(cors === undefined ? {} : { Cors: cors }),
  } as Input<"CreateFunctionUrlConfig">;
  const made = await deployer.perform(
    there === undefined ? "CreateFunctionUrlConfig" : "UpdateFunctionUrlConfig",
    input,
  );
  return made.FunctionUrl;
}
