/** The variables that lead the processes of an environment to its fake destinations. */
import { nameOfThisMachine } from "../../host/network.ts";
import type { EnvironmentOptions } from "../environment-options.ts";
import type { FakeDestination } from "./fake-destination.ts";

export async function destinationVariables(
  destinations: readonly FakeDestination[],
  sandbox: NonNullable<EnvironmentOptions["sandbox"]>,
): Promise<Readonly<Record<string, string>>> {
  if (destinations.length === 0) return {};
  const host = await nameOfThisMachine(sandbox);
  return Object.assign({}, ...destinations.map((destination) => destination.environmentAt(host))) as Record<
    string,
    string
  >;
}
