/** The library in jest, which loads modules in a way of its own. */
import { spawnSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const extension = join(project, "examples/extensions/shell/shell-extension");

describeClient("jest", (directory) => {
  test("runs a function with an extension, sees its telemetry, and jest ends by itself", () => {
    const linked = join(directory, "node_modules/lambdarium");
    rmSync(linked, { force: true });
    symlinkSync(project, linked, "dir");
    const jest = spawnSync(
      process.execPath,
      ["--experimental-vm-modules", join(directory, "node_modules/jest/bin/jest.js"), "--json", "--detectOpenHandles"],
      { cwd: directory, encoding: "utf8", env: { ...process.env, EXTENSION: extension }, timeout: 120_000 },
    );
    expect(JSON.parse(jest.stdout)).toMatchObject({ numPassedTests: 2, numFailedTests: 0, success: true });
    expect(jest.status).toBe(0);
  });
});
