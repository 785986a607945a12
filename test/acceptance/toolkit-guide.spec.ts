/** The guide's first extension is what a reader gets: written, bundled as it says, and run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { projectDirectory } from "../fixtures/command-line.ts";
import { open, writeExtension } from "../fixtures/environments.ts";
import { newSink } from "../fixtures/toolkit/shipping.ts";

test("the first extension of docs/extensions.md, bundled into one small file, delivers everything", async () => {
  const guide = readFileSync(join(projectDirectory, "docs/extensions.md"), "utf8");
  const [, source] = /```js\n(#!\/usr\/bin\/env node\n[^`]+)```/.exec(guide)!;
  const { outputFiles } = await build({
    stdin: { contents: source!, resolveDir: projectDirectory },
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
  });
  const [bundle] = outputFiles;
  expect(bundle!.contents.length).toBeLessThan(60_000);
  const { sink, url } = await newSink();
  const environment = await open({
    extensionPaths: [writeExtension("guide.mjs", bundle!.text)],
    environmentVariables: { SHIP_TO: url },
  });
  await environment.invoke();
  await environment.shutdown();
  const arrived = sink.received.flatMap(({ body }) => JSON.parse(body.toString()) as { type: string }[]);
  expect(arrived.filter(({ type }) => type === "platform.report")).toHaveLength(1);
  expect(environment.snapshot.extensions).toMatchObject([{ name: "guide.mjs", state: "Exited", exit: { code: 0 } }]);
});
