/** Layers under `/opt`, and what functions find there. */
import { createWriteStream, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import yazl from "yazl";
import { open, optionsOf, said, writeCode } from "../fixtures/environments.ts";
import { follower, program } from "../fixtures/programs.ts";
import { createEnvironment } from "lambdarium";

const readOpt = (...files: string[]): string => `
  const { readFileSync } = require("node:fs");
  const told = ${JSON.stringify(files)}.map((file) => readFileSync(process.env.LAMBDARIUM_OPT + "/" + file, "utf8"));
  await serve(() => JSON.stringify(told));
`;

async function zip(name: string, files: Readonly<Record<string, { text: string; mode: number }>>): Promise<string> {
  const archive = new yazl.ZipFile();
  for (const [file, { text, mode }] of Object.entries(files)) archive.addBuffer(Buffer.from(text), file, { mode });
  archive.end();
  const path = join(writeCode({}), name);
  await pipeline(archive.outputStream, createWriteStream(path));
  return path;
}

test("[ENV-17] merges layers in the configured order: directories together, the later file in place of the earlier", async () => {
  const environment = await open({
    bootstrap: readOpt("both", "dir/one", "dir/two"),
    layers: [
      writeCode({ both: "first", "dir/one": "one" }),
      await zip("second.zip", { both: { text: "second", mode: 0o100644 }, "dir/two": { text: "two", mode: 0o100644 } }),
    ],
  });
  expect((await environment.invoke()).payload).toEqual(["second", "one", "two"]);
});

test("[ENV-18] keeps the permission bits of an archive: an extension with 0755 runs, one with 0644 fails to launch", async () => {
  const text = program(follower);
  const good = await open({ layers: [await zip("good.zip", { "extensions/good": { text, mode: 0o100755 } })] });
  expect(await good.init()).toEqual({ status: "success" });
  const bad = await open({ layers: [await zip("bad.zip", { "extensions/bad": { text, mode: 0o100644 } })] });
  expect(await bad.init()).toMatchObject({ text: "fork/exec /opt/extensions/bad: permission denied" });
  await Promise.all([good.kill(), bad.kill()]);
});

test("[ENV-18] keeps the symbolic links of a layer", async () => {
  const layer = writeCode({ "real/file": "linked" });
  symlinkSync("real/file", join(layer, "link"));
  const environment = await open({ bootstrap: readOpt("link"), layers: [layer] });
  expect((await environment.invoke()).payload).toEqual(["linked"]);
});

test("[ENV-19] refuses a sixth layer", async () => {
  const layers = Array.from({ length: 6 }, () => writeCode({ file: "" }));
  await expect(createEnvironment(optionsOf({ layers }))).rejects.toMatchObject({ code: "invalid-setting" });
});

test("[ENV-20] finds executables of a layer by the default PATH, in function and extension", async () => {
  const environment = await open({
    bootstrap: 'const { execFileSync } = require("node:child_process"); await serve(() => execFileSync("layer-tool"));',
    extensions: {
      caller: `say({ heard: require("node:child_process").execFileSync("layer-tool").toString() }); ${follower}`,
    },
    layers: [writeCode({ "bin/layer-tool": program("process.stdout.write('\"from the layer\"')") })],
  });
  expect((await environment.invoke()).payload).toBe("from the layer");
  expect(said(environment, "extension")).toEqual([{ heard: '"from the layer"' }]);
});

test("[ENV-20] has the layers' lib directory in the default LD_LIBRARY_PATH", async () => {
  const environment = await open({
    bootstrap:
      "const { LD_LIBRARY_PATH, LAMBDARIUM_OPT } = process.env; await serve(() => JSON.stringify({ LD_LIBRARY_PATH, LAMBDARIUM_OPT }));",
  });
  const { LD_LIBRARY_PATH, LAMBDARIUM_OPT } = (await environment.invoke()).payload as Record<string, string>;
  expect(LD_LIBRARY_PATH!.split(":")).toContain(`${LAMBDARIUM_OPT}/lib`);
});

const packaged = (directory: string, text: string) => ({
  [`${directory}/package.json`]: '{ "name": "p", "main": "main.js" }',
  [`${directory}/main.js`]: `module.exports = ${JSON.stringify(text)};`,
});

test("[ENV-21] lets Node.js find packages of layers, for all versions and for one", async () => {
  const environment = await open({
    files: { "index.js": "exports.handler = async () => [require('everywhere'), require('only22')];" },
    layers: [
      writeCode({
        ...packaged("nodejs/node_modules/everywhere", "for all"),
        ...packaged("nodejs/node22/node_modules/only22", "for 22"),
      }),
    ],
    runtime: "nodejs22.x",
  });
  expect((await environment.invoke()).payload).toEqual(["for all", "for 22"]);
});

test("[ENV-23] takes a Node.js package from the function's code before it takes it from a layer", async () => {
  const environment = await open({
    files: {
      "index.js": "exports.handler = async () => require('both');",
      ...packaged("node_modules/both", "from the code"),
    },
    layers: [writeCode(packaged("nodejs/node_modules/both", "from the layer"))],
  });
  expect((await environment.invoke()).payload).toBe("from the code");
});
