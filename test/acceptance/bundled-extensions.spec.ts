/** Extensions that are given as sources: bundled before they are started, and again when they change. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectNothingLeft, newDirectory, startCommand } from "../fixtures/command-line.ts";
import { lines, open, writeCode } from "../fixtures/environments.ts";
import { built } from "../fixtures/toolkit/shipping.ts";
import { echo, program } from "../fixtures/programs.ts";
import { invoke } from "../fixtures/service-calls.ts";

const ticker = `
import { defineExtension } from ${built("extension")};
import { word } from "./word.ts";
const text: string = word;
defineExtension({ onInvoke: () => console.log(text) });
`;
const word = (text: string): string => `export const word = ${JSON.stringify(text)};\n`;

describe("in an environment", () => {
  test("a source has its file's name without the ending, and what it imports", async () => {
    const sources = writeCode({ "ticker.ts": ticker, "word.ts": word("tick") });
    const environment = await open({ extensionPaths: [join(sources, "ticker.ts")] });
    await environment.invoke();
    await environment.shutdown();
    expect(environment.snapshot.extensions).toMatchObject([{ name: "ticker", state: "Exited", exit: { code: 0 } }]);
    expect(environment.notices.map(({ text }) => text)).toContain(
      "The extension ticker needs Node.js, which Lambda has in Node.js runtimes only: for this function pack it with --standalone.",
    );
    expect(lines(environment, "extension")).toContain("tick\n");
  });

  test("JavaScript that can be executed is started as it is, under its whole name, as on Lambda", async () => {
    const sources = writeCode({
      "as-it-is.mjs": `#!${process.execPath}\nimport { defineExtension } from ${built("extension")};\ndefineExtension({});\n`,
    });
    chmodSync(join(sources, "as-it-is.mjs"), 0o755);
    const environment = await open({ extensionPaths: [join(sources, "as-it-is.mjs")] });
    await environment.invoke();
    expect(environment.snapshot.extensions).toMatchObject([{ name: "as-it-is.mjs", state: "Ready" }]);
  });

  test("JavaScript that cannot be executed is a source", async () => {
    const sources = writeCode({
      "source.mjs": `import { defineExtension } from ${built("extension")};\ndefineExtension({});\n`,
    });
    chmodSync(join(sources, "source.mjs"), 0o644);
    const environment = await open({ extensionPaths: [join(sources, "source.mjs")] });
    await environment.invoke();
    expect(environment.snapshot.extensions).toMatchObject([{ name: "source", state: "Ready" }]);
  });

  test("a source with a fault is refused with its place before anything starts", async () => {
    const sources = writeCode({ "broken.ts": "\nconst = 1;\n" });
    await expect(open({ extensionPaths: [join(sources, "broken.ts")] })).rejects.toMatchObject({
      code: "extension-not-bundled",
      message: expect.stringContaining("broken.ts:2:7: "),
    });
  });
});

test("`lambdarium start` bundles sources of a project, and again when a file that they import changes", async () => {
  const project = newDirectory({
    "hello/bootstrap": program(echo),
    "src/ticker.ts": ticker,
    "src/word.ts": word("first"),
    "lambdarium.json": JSON.stringify({ functions: { hello: { code: "hello", extensions: ["src/ticker.ts"] } } }),
  });
  chmodSync(join(project, "src/ticker.ts"), 0o644);
  const run = startCommand(["start", "--port", "0", project], { stdin: undefined });
  const endpoint = await run.endpoint();
  await invoke(endpoint, "hello");
  await run.shows(/^hello extension ticker +\| first$/mu);
  // A broken save harms nothing, and is mended by the next.
  writeFileSync(join(project, "src/word.ts"), "export const = 1;\n");
  await run.shows(/word\.ts:1:14: /u);
  writeFileSync(join(project, "src/word.ts"), word("second"));
  await expect
    .poll(() => invoke(endpoint, "hello").then(() => run.shown), { timeout: 30_000 })
    .toMatch(/^hello extension ticker +\| second$/mu);
  run.signal("SIGINT");
  expect(await run.finished).toMatchObject({ code: 0, signal: null });
  await expectNothingLeft();
});
