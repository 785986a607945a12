/** Layers of deployed functions: what runtimes find in them, and their extensions (SVC-123, SVC-124). */
import { expect, test } from "vitest";
import { zip } from "../fixtures/service.ts";
import { eventually, newGate, openGate, openService, type Service } from "../fixtures/services.ts";
import { follower, program } from "../fixtures/programs.ts";

type LayerFiles = Parameters<typeof zip>[0];

async function publish(service: Service, name: string, files: LayerFiles): Promise<string> {
  const body = JSON.stringify({ Content: { ZipFile: await zip(files) } });
  const { text } = await service.call("POST", `/2018-10-31/layers/${name}/versions`, body);
  return (JSON.parse(text) as { LayerVersionArn: string }).LayerVersionArn;
}

const executable = (content: string): { content: string; mode: number } => ({ content, mode: 0o100_755 });

test("[SVC-123] a Node.js function requires and imports modules of a layer, runs its programs and has its libraries in the search path", async () => {
  const service = await openService();
  const layer = await publish(service, "tools", {
    "nodejs/node_modules/from-layer/index.js": 'module.exports = "required";',
    "nodejs/node_modules/from-layer/package.json": '{"name":"from-layer"}',
    "bin/layer-tool": executable("#!/bin/sh\necho ran\n"),
    "lib/liblayer.so": "a library",
  });
  await service.create("uses", {
    Layers: [layer],
    files: {
      "index.js": `
        const { execFileSync } = require("node:child_process");
        const { existsSync } = require("node:fs");
        exports.handler = async () => [
          require("from-layer"),
          execFileSync("layer-tool").toString().trim(),
          process.env.LD_LIBRARY_PATH.split(":").some((place) => existsSync(place + "/liblayer.so")),
        ];`,
    },
  });
  expect(JSON.parse((await service.invoke("uses")).text)).toEqual(["required", "ran", true]);
});

test("[SVC-123] a Python function imports modules of a layer", async () => {
  const service = await openService();
  const layer = await publish(service, "modules", {
    "python/from_layer.py": 'SAID = "imported"\n',
    "python/lib/python3.11/site-packages/of_version.py": 'SAID = "of this version"\n',
  });
  await service.create("uses", {
    Layers: [layer],
    Runtime: "python3.11",
    files: {
      "index.py":
        "import from_layer, of_version\ndef handler(event, context):\n  return [from_layer.SAID, of_version.SAID]\n",
    },
  });
  expect(JSON.parse((await service.invoke("uses")).text)).toEqual(["imported", "of this version"]);
});

test("[SVC-124] the extensions of a layer are started in each new environment, and what else lies beside them is not", async () => {
  const service = await openService();
  const gate = newGate();
  const layer = await publish(service, "watchers", {
    "extensions/watcher": executable(program(follower)),
    "extensions/watcher-files/helper": executable(program("process.exit(9);")),
    "other/not-an-extension": executable(program("process.exit(9);")),
  });
  await service.create("watched", {
    Layers: [layer],
    bootstrap: `await serve(async () => { await gate(${JSON.stringify(gate)}); return "1"; });`,
    Timeout: 60,
  });
  const calls = [service.invoke("watched"), service.invoke("watched")];
  const extensions = (): unknown[] => service.environments().map((environment) => environment.extensions);
  const watcher = [{ name: "watcher", state: expect.any(String) as string }];
  await eventually(() => expect(extensions()).toEqual([watcher, watcher]));
  openGate(gate);
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
});
