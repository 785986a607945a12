/** What the command line says of the sandbox, and what it refuses. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lambdarium, newFunction, projectDirectory } from "../fixtures/command-line.ts";
import { obstacle, whySkipped } from "../fixtures/linux-environments.ts";

const example = (path: string): string => join(projectDirectory, "examples", path);

test("[ENV-153] --strict refuses a sandbox that enforces less, starts nothing, and names each feature", async () => {
  const { code, stdout, stderr } = await lambdarium(["invoke", "--strict", "--sandbox", "process", newFunction()]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error: Not everything would be as strict as on Lambda\. /u);
  for (const feature of ["read-only file system", "/tmp size", "CPU share is not enforced", "freeze is approximated"])
    expect(stderr).toContain(feature);
  expect(stderr).toContain("\nhint: ");
});

test("[ENV-151] --json has each feature with how far it goes, and why not further", async () => {
  const { stdout } = await lambdarium(["invoke", "--json", newFunction()]);
  const { capabilities } = JSON.parse(stdout) as { capabilities: Record<string, { level: string; reason: string }> };
  expect(capabilities).toMatchObject({
    "CPU share": { level: "not enforced", reason: expect.stringMatching(/./u) as string },
    snapshot: { level: "not enforced" },
  });
});

describe.skipIf(obstacle)(`in the sandbox that isolates${whySkipped}`, () => {
  test("is taken by itself, and said", async () => {
    const { code, stderr } = await lambdarium([
      "invoke",
      "--sandbox",
      "auto",
      "--memory",
      "1024",
      example("functions/hello-node"),
    ]);
    expect(code).toBe(0);
    expect(stderr.match(/^lambdarium +\| Sandbox driver "linux" \((?:crun|runc|unshare)\)\.$/gmu)).toHaveLength(1);
    const { stdout } = await lambdarium(["doctor"]);
    expect(stdout).toContain("Sandbox driver linux, which --sandbox auto takes\n");
  });

  test("[ENV-153] --strict starts, and says once what is enforced", async () => {
    const args = ["--sandbox", "auto", "--strict", "--memory", "1024", example("functions/hello-node")];
    const { code, stdout, stderr } = await lambdarium(["invoke", ...args]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"message":"Hello, world!","invocations":1}\n' });
    expect(stderr.match(/^lambdarium +\| Enforced as on Lambda: read-only file system, .*CPU share/gmu)).toHaveLength(
      1,
    );
    expect(stderr).toMatch(/^Timeline of hello-node .*, sandbox linux$/mu);
  });

  test("[ENV-153] --strict refuses what an option switches off", async () => {
    const args = ["--sandbox", "auto", "--strict", "--freeze", "off", example("functions/hello-node")];
    const { code, stderr } = await lambdarium(["invoke", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain("freeze is not enforced (it was switched off)");
  });
});
