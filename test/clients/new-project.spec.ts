/** New projects with the package as npm publishes it: made, tested, packed and type-checked as their README says. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));
const room = realpathSync(mkdtempSync(join(tmpdir(), "lambdarium-new-project-")));
afterAll(() => rmSync(room, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** What `npm install` would make, without a registry: the tarball's files, beside packages that are here already. */
beforeAll(() => {
  const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", room], project);
  run("tar", ["-xzf", packed.stdout.trim()], room);
  const packages = join(room, "node_modules");
  mkdirSync(join(packages, ".bin"), { recursive: true });
  for (const name of readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")))
    symlinkSync(join(project, "node_modules", name), join(packages, name));
  renameSync(join(room, "package"), join(packages, "lambdarium"));
  chmodSync(join(packages, "lambdarium/dist/cli/main.js"), 0o755);
  for (const [name, file] of [
    ["lambdarium", "../lambdarium/dist/cli/main.js"],
    ["tsc", join(project, "node_modules/.bin/tsc")],
  ] as const)
    symlinkSync(file, join(packages, ".bin", name));
});

describe.each(["extension", "function"])("create %s", (kind) => {
  const name = `my-${kind}`;
  const directory = join(room, name);

  beforeAll(() => {
    run(join(room, "node_modules/.bin/lambdarium"), ["create", kind, name], room);
    // npm finds programs in the packages of the project's own directory only.
    symlinkSync(join(room, "node_modules"), join(directory, "node_modules"));
  });

  test("its tests pass", () => {
    const { status, stdout } = run("npm", ["test", "--silent"], directory);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n(# |ℹ )fail 0\n/u) });
  });

  test("it is packed", () => {
    const { status, stdout, stderr } = run("npm", ["run", "pack", "--silent"], directory);
    expect({ status, stdout, stderr }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`dist/${name}.zip: `),
    });
    expect(readdirSync(join(directory, "dist"))).toEqual([`${name}.zip`]);
  });

  test("it is tried, and its types are right", () => {
    expect(run("npm", ["run", "try", "--silent"], directory)).toMatchObject({ status: 0 });
    expect(run("npm", ["run", "types", "--silent"], directory)).toMatchObject({ status: 0, stdout: "" });
  });

  test("a second time is refused, and changes nothing", () => {
    const before = readdirSync(directory);
    const { status, stderr } = run(join(room, "node_modules/.bin/lambdarium"), ["create", kind, name], room);
    expect({ status, stderr: stderr.split("\n", 1)[0] }).toEqual({
      status: 2,
      stderr: `error: ${name} is there already.`,
    });
    expect(readdirSync(directory)).toEqual(before);
  });
});

test.each([
  [["thing", "x"], /^error: KIND cannot be "thing"/u],
  [["extension", "../x"], /^error: NAME cannot be "\.\.\/x"/u],
  [["extension", "x".repeat(65)], /^error: NAME cannot be/u],
  [["extension"], /^error: Expected argument for NAME/u],
])("create %j is refused", (args, message) => {
  const { status, stderr } = run(join(room, "node_modules/.bin/lambdarium"), ["create", ...args], room);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});
