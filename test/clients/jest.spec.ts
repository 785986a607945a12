/** The library in jest, which loads modules in a way of its own. */
import { spawnSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const extension = join(project, "examples/extensions/shell/shell-extension");

const shipper = join(project, "examples/tests/shipper.mjs");

/** What a person who writes tests in TypeScript has to be able to say, and nothing else. */
const typed = `import { expect } from "@jest/globals";
import { createDestination, createEnvironment } from "lambdarium";
import "lambdarium/jest";

const backend = await createDestination("otlp");
const environment = await createEnvironment({ function: ".", destinations: [backend] });
expect(environment).toHaveDelivered({ body: "hello" }, { times: 1 });
expect(environment).not.toHavePhase("shutdown", { atMost: "2s" });
// @ts-expect-error there is no such phase
expect(environment).toHavePhase("sleep");
const [first] = backend.received;
const signal: "logs" | "metrics" | "traces" | undefined = first?.signal;
export { signal };
`;

describeClient("jest", (directory) => {
  test("runs functions with extensions, sees their telemetry, has the matchers, and jest ends by itself", () => {
    const linked = join(directory, "node_modules/lambdarium");
    rmSync(linked, { force: true });
    symlinkSync(project, linked, "dir");
    const jest = spawnSync(
      process.execPath,
      ["--experimental-vm-modules", join(directory, "node_modules/jest/bin/jest.js"), "--json", "--detectOpenHandles"],
      {
        cwd: directory,
        encoding: "utf8",
        env: { ...process.env, EXTENSION: extension, SHIPPER: shipper },
        timeout: 120_000,
      },
    );
    expect(JSON.parse(jest.stdout)).toMatchObject({ numPassedTests: 4, numFailedTests: 0, success: true });
    expect(jest.status).toBe(0);
  });

  test("knows the matchers in its types, also where declarations are checked", () => {
    writeFileSync(join(directory, "types.check.ts"), typed);
    const flags = "--ignoreConfig --preserveSymlinks --noEmit --strict --target ES2022 --module NodeNext --types node";
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const tsc = spawnSync(process.execPath, [compiler, ...flags.split(" "), "types.check.ts"], {
      cwd: directory,
      encoding: "utf8",
    });
    expect(tsc.stdout).toBe("");
  });
});
