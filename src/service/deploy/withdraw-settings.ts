/** Takes back what a project gave a function and gives it no longer. */
import type { ProjectFunction } from "../project/project.ts";
import type { Deployer } from "./deployer.ts";
import type { GivenFunction } from "./given-functions.ts";

/** What others gave it by the API stays: only what `before` had is looked at. */
export async function withdrawSettings(before: GivenFunction, now: ProjectFunction, deployer: Deployer): Promise<void> {
  const of = { FunctionName: now.name };
  if (before.url !== undefined && scopeOf(now.url) !== scopeOf(before.url))
    await deployer.find("DeleteFunctionUrlConfig", { ...of, ...qualifier(before.url) });
  if (before.asynchronous !== undefined && scopeOf(now.asynchronous) !== scopeOf(before.asynchronous))
    await deployer.find("DeleteFunctionEventInvokeConfig", { ...of, ...qualifier(before.asynchronous) });
  if (before.reservedConcurrency !== undefined && now.reservedConcurrency === undefined)
    await deployer.find("DeleteFunctionConcurrency", of);
  for (const { name, provisionedConcurrency } of before.aliases) {
    const alias = now.aliases.find((one) => one.name === name);
    if (alias === undefined) await deployer.find("DeleteAlias", { ...of, Name: name });
    else if (provisionedConcurrency !== undefined && alias.provisionedConcurrency === undefined)
      await deployer.find("DeleteProvisionedConcurrencyConfig", { ...of, Qualifier: name });
  }
  const tags = Object.keys(before.tags).filter((key) => !(key in now.tags));
  if (tags.length > 0) await untag(tags, of, deployer);
}

async function untag(TagKeys: string[], of: { FunctionName: string }, deployer: Deployer): Promise<void> {
  const { FunctionArn = "" } = await deployer.perform("GetFunctionConfiguration", of);
  await deployer.perform("UntagResource", { Resource: FunctionArn, TagKeys });
}

interface Scoped {
  readonly alias?: string;
}

const scopeOf = (choice: Scoped | undefined): string | undefined =>
  choice === undefined ? undefined : (choice.alias ?? "$LATEST");

const qualifier = ({ alias }: Scoped) => (alias === undefined ? {} : { Qualifier: alias });
