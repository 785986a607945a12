/** Brings one function of a project into the service, by the commands of its API. */
import { setTimeout as pause } from "node:timers/promises";
import { type ControlPlane, ControlPlaneRefusal, type Json } from "./control-plane.ts";
import { deployLayers } from "./deploy-layers.ts";
import { asynchronousInput, configurationInput, defined, packageInput } from "./function-input.ts";
import type { PreparedFunction } from "./prepared-function.ts";

export interface Deploying {
  readonly controlPlane: ControlPlane;
  readonly accountId: string;
}

/** Created, or updated when it is there. @throws ControlPlaneRefusal */
export async function deployFunction(prepared: PreparedFunction, deploying: Deploying): Promise<void> {
  const { controlPlane, accountId } = deploying;
  const { name } = prepared.project;
  const layerArns = await deployLayers(prepared.layers, controlPlane);
  const configuration = configurationInput(prepared, layerArns, accountId);
  const there = await controlPlane.find(`GET /2015-03-31/functions/${name}/configuration`);
  if (there === undefined) await create(prepared, configuration, deploying);
  else await update(prepared, configuration, deploying, there);
  await settings(prepared, deploying);
  await aliases(prepared, deploying);
  await url(prepared, deploying);
}

async function create(prepared: PreparedFunction, configuration: Json, { controlPlane }: Deploying): Promise<void> {
  const { name, tags, architecture } = prepared.project;
  const { DeadLetterConfig, ...rest } = configuration;
  await controlPlane.call("POST /2015-03-31/functions", {
    ...rest,
    ...(prepared.project.deadLetterTargetArn === undefined ? {} : { DeadLetterConfig }),
    FunctionName: name,
    Code: packageInput(prepared.code),
    Tags: tags,
    ...(architecture === undefined ? {} : { Architectures: [architecture] }),
  });
  await ready(name, controlPlane);
}

async function update(
  prepared: PreparedFunction,
  configuration: Json,
  { controlPlane }: Deploying,
  there: Json,
): Promise<void> {
  const { name, tags } = prepared.project;
  await ready(name, controlPlane);
  await controlPlane.call(`PUT /2015-03-31/functions/${name}/configuration`, configuration);
  await ready(name, controlPlane);
  await updateCode(prepared, controlPlane);
  const arn = encodeURIComponent(String(there["FunctionArn"]));
  if (Object.keys(tags).length > 0) await controlPlane.call(`POST /2017-03-31/tags/${arn}`, { Tags: tags });
}

/** Also replaces the environments when nothing has changed but files that the API does not see (SVC-91). */
export async function updateCode(prepared: PreparedFunction, controlPlane: ControlPlane): Promise<void> {
  const { name, architecture } = prepared.project;
  await controlPlane.call(`PUT /2015-03-31/functions/${name}/code`, {
    ...packageInput(prepared.code),
    ...(architecture === undefined ? {} : { Architectures: [architecture] }),
  });
  await ready(name, controlPlane);
}

/** A large package takes its time, and another update meanwhile would be refused (SVC-92). */
async function ready(name: string, controlPlane: ControlPlane): Promise<void> {
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 500)) {
    const now = await controlPlane.call(`GET /2015-03-31/functions/${name}/configuration`);
    if (now["LastUpdateStatus"] === "Failed") throw refused(now["LastUpdateStatusReason"]);
    if (now["State"] === "Failed") throw refused(now["StateReason"]);
    if (now["State"] !== "Pending" && now["LastUpdateStatus"] !== "InProgress") return;
    await pause(waitMs);
  }
}

const refused = (reason: unknown): ControlPlaneRefusal =>
  new ControlPlaneRefusal("Failed", 502, typeof reason === "string" ? reason : "it cannot be prepared");

async function settings(prepared: PreparedFunction, { controlPlane }: Deploying): Promise<void> {
  const { name, reservedConcurrency } = prepared.project;
  if (reservedConcurrency === undefined) await controlPlane.call(`DELETE /2017-10-31/functions/${name}/concurrency`);
  else
    await controlPlane.call(`PUT /2017-10-31/functions/${name}/concurrency`, {
      ReservedConcurrentExecutions: reservedConcurrency,
    });
  const asynchronous = asynchronousInput(prepared);
  if (asynchronous !== undefined)
    await controlPlane.call(`PUT /2019-09-25/functions/${name}/event-invoke-config`, asynchronous);
}

/** Each leads to a version that is published now; the same code published again is the same version (SVC-99). */
async function aliases({ project }: PreparedFunction, { controlPlane }: Deploying): Promise<void> {
  if (project.aliases.length === 0) return;
  const base = `/2015-03-31/functions/${project.name}` as const;
  const { Version } = await controlPlane.call(`POST ${base}/versions`, {});
  for (const { name, provisionedConcurrency } of project.aliases) {
    const there = await controlPlane.find(`GET ${base}/aliases/${name}`);
    if (there === undefined) await controlPlane.call(`POST ${base}/aliases`, { Name: name, FunctionVersion: Version });
    else await controlPlane.call(`PUT ${base}/aliases/${name}`, { FunctionVersion: Version });
    const provisioned = `/2019-09-30/functions/${project.name}/provisioned-concurrency?Qualifier=${name}` as const;
    if (provisionedConcurrency !== undefined)
      await controlPlane.call(`PUT ${provisioned}`, { ProvisionedConcurrentExecutions: provisionedConcurrency });
    else if (there !== undefined) await controlPlane.call(`DELETE ${provisioned}`);
  }
}

async function url({ project }: PreparedFunction, { controlPlane }: Deploying): Promise<void> {
  if (project.url === undefined) return;
  const { authType, invokeMode, cors, alias } = project.url;
  const route = `/2021-10-31/functions/${project.name}/url${alias === undefined ? "" : `?Qualifier=${alias}`}` as const;
  const input = defined({ AuthType: authType, InvokeMode: invokeMode, Cors: cors });
  const there = await controlPlane.find(`GET ${route}`);
  await controlPlane.call(there === undefined ? `POST ${route}` : `PUT ${route}`, input);
}
