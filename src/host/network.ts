/** Whether the programs of an environment get a way to the internet. */
import { failure } from "../errors.ts";
import { findPasta } from "../sandbox/linux/internet.ts";
import { chooseDriver } from "../sandbox/choose-driver.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import type { HostSettings } from "./hosted-function.ts";

const what = "programs in a network of their own reach the internet through pasta, which is not installed";

/**
 * Gives what the sandbox is to have, and what the developer is to know.
 * @throws LambdariumError `network-unavailable` when the internet or this machine was asked for and there is no way to it.
 */
export function networkOf(
  { name }: Pick<SandboxDriver, "name">,
  wanted: HostSettings["network"],
  isPastaHere: () => boolean = () => findPasta() !== undefined,
): { readonly network: "machine" | "internet" | "none"; readonly notice: string } {
  if (wanted === "none" || name === "process" || isPastaHere())
    return { network: wanted === "auto" ? "internet" : wanted, notice: "" };
  if (wanted !== "auto") throw failure("network-unavailable", { why: what });
  return { network: "none", notice: `network: none. On Lambda there is the internet; ${what} (package passt).` };
}

/** By what name programs in this sandbox reach the servers on this machine's loopback interface. */
export async function nameOfThisMachine(sandbox: HostSettings["sandbox"]): Promise<string> {
  const { driver } = await chooseDriver(sandbox);
  return driver.name === "process" ? "127.0.0.1" : "machine.lambdarium.internal";
}
