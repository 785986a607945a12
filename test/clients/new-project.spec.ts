/** New projects with the package as npm publishes it: made, tested, packed and type-checked as their README says. */
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newRoom, type Room, run } from "./published-package.ts";

let room: Room;
beforeAll(() => {
  room = newRoom();
});
afterAll(() => room.remove());

const create = (...args: string[]) => run(room.command, ["create", ...args], room.directory);

describe.each(["extension", "function"])("create %s", (kind) => {
  const name = `my-${kind}`;
  let directory: string;

  beforeAll(() => {
    directory = join(room.directory, name);
    create(kind, name);
    symlinkSync(room.packages, join(directory, "node_modules"));
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
    const { status, stderr } = create(kind, name);
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
  const { status, stderr } = create(...args);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});
