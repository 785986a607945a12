/** Where a foreign client was installed, or why it was not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const installed = fileURLToPath(new URL("../../.clients/", import.meta.url));
const onCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";

/**
 * Declares the tests of a client. Where it could not be installed they are skipped and the reason is printed; on CI
 * they fail with it.
 */
export function describeClient(name: string, tests: (directory: string) => void): void {
  describeUnless(obstacleOf(name), name, () => tests(join(installed, name)));
}

/** As `describeClient`, for what a machine may lack. */
export function describeUnless(obstacle: string | undefined, name: string, tests: () => void): void {
  const either = obstacle === undefined ? tests : () => notTested(name, obstacle);
  describe(`the client ${name}`, () => {
    either();
  });
}

function notTested(name: string, obstacle: string): void {
  console.warn(`Tests of ${name} are not run: ${obstacle}`);
  test.skipIf(!onCi)(`not tested here: ${obstacle}`, () => {
    expect.unreachable(`on CI nothing is left out: ${obstacle}`);
  });
}

/** Why the client cannot be tested. */
function obstacleOf(name: string): string | undefined {
  const file = join(installed, name, "installed.json");
  if (!existsSync(file)) return `it is not installed; run "node scripts/install-clients.mjs ${name}"`;
  return (JSON.parse(readFileSync(file, "utf8")) as { obstacle?: string }).obstacle;
}
