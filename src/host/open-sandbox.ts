/** The sandbox of an environment, by the driver that was asked for, and what the developer should know about it. */
import type { Sandbox, SandboxDriver } from "../sandbox/sandbox.ts";
import { chooseDriver } from "../sandbox/choose-driver.ts";
import { departures } from "./departures.ts";
import { enforcedLine, refuseLessThanEnforced } from "./enforcement.ts";
import { type HostedFunction, type HostSettings, sandboxSpec } from "./hosted-function.ts";
import { networkOf } from "./network.ts";

export interface OpenedSandbox {
  readonly sandbox: Sandbox;
  readonly driver: SandboxDriver;
  /** What is isolated and where it departs from Lambda, a line each. */
  readonly lines: readonly string[];
}

/** @throws LambdariumError when the sandbox cannot be made, or is weaker than strict mode allows; nothing is left behind. */
export async function openSandbox(id: string, hosted: HostedFunction, settings: HostSettings): Promise<OpenedSandbox> {
  const { driver, line } = await chooseDriver(settings.sandbox);
  if (settings.strict) refuseLessThanEnforced({ driver, line }, hosted, settings);
  const { network, notice } = networkOf(driver, settings.network);
  const sandbox = await driver.create(sandboxSpec(id, hosted, { network, initCpu: settings.initCpu }));
  const lines = [line, enforcedLine(driver), driver.notice, notice, ...departures(hosted, settings)];
  return { sandbox, driver, lines: lines.filter((text) => text !== "") };
}
