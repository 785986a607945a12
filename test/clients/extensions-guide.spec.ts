/** docs/extensions.md as a reader follows it, in an empty folder, with the package as npm publishes it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newRoom, type Room, run } from "./published-package.ts";

const guide = readFileSync(new URL("../../docs/extensions.md", import.meta.url), "utf8");

/** The last group of the pattern, in the guide. */
const found = (pattern: RegExp): string => pattern.exec(guide)?.at(-1) ?? "exit 99";

let room: Room;
beforeAll(() => {
  room = newRoom();
});
afterAll(() => room.remove());

/** `npm install` without a registry; what npx would find. */
const shell = (script: string) => {
  const npm = `npm() { if [ "$1" = install ]; then ln -s '${room.packages}' node_modules; else command npm --silent "$@"; fi; }\n`;
  const npx = `npx() { shift; '${process.execPath}' '${room.command}' "$@"; }\n`;
  return run("bash", ["-e", "-c", npm + npx + script], room.directory);
};

test("the commands of the first extension", () => {
  const commands = found(/<!-- played by test\/clients\/extensions-guide\.spec\.ts -->\n```sh\n(.+?)```/su);
  const { status, stdout, stderr } = shell(commands);
  expect({ status, stderr, stdout }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/\n(# |ℹ )pass 2\n/u);
  expect(stdout).toContain("dist/my-extension.zip: extension my-extension, 2 files, ");
  expect(stderr).toContain("my-extension  asks for its next event");
});

test("the test it shows", () => {
  const source = found(/by Node\.js's own test runner.+?```js\n(.+?)```/su);
  const file = join(room.directory, "my-extension/test/shown.test.mjs");
  writeFileSync(file, source);
  const { status, stdout } = shell("cd my-extension && node --test test/shown.test.mjs");
  rmSync(file);
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n(# |ℹ )pass 1\n/u) });
});

test("the commands that make a layer and try it", () => {
  const section = found(/## Into a layer\n(.+?)\n### /su);
  const commands = [...section.matchAll(/^ {4}(npx .+)$/gmu)].map(([, command]) => command);
  expect(commands).toHaveLength(2);
  const { status, stdout, stderr } = shell(`cd my-extension\n${commands.join("\n")}`);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/2 files, \d+ KB zipped, [3-5]\d KB unzipped/u);
  expect(stderr).toMatch(/my-extension +registers for INVOKE, SHUTDOWN/u);
});

test("the source it shows is what matters of the project's", () => {
  const shown = found(/What matters of `src\/my-extension\.ts`:\n\n```ts\n(.+?)```/su);
  const source = readFileSync(join(room.directory, "my-extension/src/my-extension.ts"), "utf8");
  const imports = shown.split("\n").filter((line) => line.startsWith("import "));
  expect(source.split("\n")).toEqual(expect.arrayContaining(imports));
});

test("every sample in TypeScript, as it is printed, by the strictest compiler", () => {
  const samples = [...guide.matchAll(/```ts\n(.+?)```/gsu)].map(([, sample = ""]) => sample);
  expect(samples.length).toBeGreaterThan(5);
  const directory = join(room.directory, "my-extension/samples");
  mkdirSync(directory);
  for (const [at, sample] of samples.entries()) writeFileSync(join(directory, `${at}.ts`), `${sample}\nexport {};\n`);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: "ES2022",
    module: "NodeNext",
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  expect(shell("cd my-extension/samples && ../node_modules/.bin/tsc")).toMatchObject({ status: 0, stdout: "" });
});
