/** `lambdarium start --inspect`: a debugger stops a process, and no deadline passes meanwhile. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { newDirectory, startCommand, type CommandRun } from "../fixtures/command-line.ts";
import { DebuggerClient, inspectorsAt } from "../fixtures/debugger-client.ts";
import { program } from "../fixtures/programs.ts";
import { invoke } from "../fixtures/service-calls.ts";
import { built } from "../fixtures/toolkit/shipping.ts";

const stopsAtDebugger = `export const handler = async () => { debugger; return "went on"; };`;

async function start(args: readonly string[], files: Record<string, string>) {
  const project = newDirectory({
    "hello/index.mjs": stopsAtDebugger,
    "other/index.mjs": "export const handler = async () => 2;",
    "lambdarium.json": JSON.stringify({
      functions: {
        hello: {
          code: "hello",
          timeoutSeconds: 1,
          extensions: Object.keys(files).filter((file) => file.startsWith("talker")),
        },
        other: { code: "other" },
      },
    }),
    ...files,
  });
  const run = startCommand(["start", "--port", "0", ...args, project], { stdin: undefined });
  const endpoint = await run.endpoint();
  const port = Number(/Debuggers attach at 127\.0\.0\.1:(\d+)/u.exec(run.shown)?.[1]);
  return { run, endpoint, port };
}

async function stop(run: CommandRun): Promise<void> {
  run.signal("SIGINT");
  expect((await run.finished).code).toBe(0);
}

/** Longer than the function's timeout: the test would pass without a debugger otherwise. */
const beyondTimeoutMs = 1500;

test("[LIFE-102] a function that is stopped does not time out, and its processes are not frozen, which is said", async () => {
  const { run, endpoint, port } = await start(["--inspect=:0"], {});
  // Without a debugger that attaches, `debugger` does nothing.
  expect(await invoke(endpoint, "hello")).toBe('"went on"');
  await run.shows(/freeze: off/u);
  const [inspector] = await inspectorsAt(port);
  expect(inspector?.title).toBe("hello");
  const client = await DebuggerClient.attach(inspector!.webSocketDebuggerUrl);
  client.send("Debugger.enable");
  await client.says('"id":1');
  const called = invoke(endpoint, "hello");
  await client.says("Debugger.paused");
  await pause(beyondTimeoutMs);
  client.send("Debugger.resume");
  expect(await called).toBe('"went on"');
  // It is the same process still.
  expect(run.shown).not.toMatch(/Task timed out/u);
  expect(run.shown.match(/hello platform +\| INIT_START/gu)).toHaveLength(1);
  client.detach();
  await stop(run);
});

test("a function times out when nobody has stopped it", async () => {
  const { run, endpoint } = await start(["--inspect=:0"], {
    "hello/index.mjs": "export const handler = () => new Promise((resolve) => setTimeout(resolve, 600_000));",
  });
  expect(await invoke(endpoint, "hello")).toContain("Task timed out after 1.00 seconds");
  await stop(run);
});

test("an extension that is stopped holds the time of its environment too", async () => {
  const talker = program(`
    const { id } = await register(["INVOKE"]);
    for (;;) { await event(id); debugger; }`);
  const { run, endpoint, port } = await start(["--inspect=talker:0"], {
    talker,
    "hello/index.mjs": "export const handler = async () => 1;",
  });
  await invoke(endpoint, "hello");
  const inspectors = await inspectorsAt(port);
  expect(inspectors.map(({ title }) => title)).toEqual(["talker (extension of hello)"]);
  const client = await DebuggerClient.attach(inspectors[0]!.webSocketDebuggerUrl);
  client.send("Debugger.enable");
  await client.says('"id":1');
  expect(await invoke(endpoint, "hello")).toBe("1");
  await client.says("Debugger.paused");
  await pause(beyondTimeoutMs);
  client.send("Debugger.disable");
  client.send("Debugger.resume");
  client.detach();
  expect(await invoke(endpoint, "hello")).toBe("1");
  expect(run.shown).not.toMatch(/timed out|Status: timeout/u);
  await stop(run);
});

test("an extension that is bundled before it is started can be debugged", async () => {
  const talker = `
    import { defineExtension } from ${built("extension")};
    const text: string = "heard";
    defineExtension({ onInvoke: () => console.log(text) });`;
  const { run, endpoint, port } = await start(["--inspect=talker:0"], {
    "talker.ts": talker,
    "hello/index.mjs": "export const handler = async () => 1;",
  });
  await invoke(endpoint, "hello");
  expect((await inspectorsAt(port)).map(({ title }) => title)).toEqual(["talker (extension of hello)"]);
  await stop(run);
});

test("only the function that is named can be debugged", async () => {
  const { run, endpoint, port } = await start(["--inspect=other:0"], {});
  await invoke(endpoint, "hello");
  await invoke(endpoint, "other");
  expect((await inspectorsAt(port)).map(({ title }) => title)).toEqual(["other"]);
  await stop(run);
});

test("a port that is taken is refused before anything is started", async () => {
  const { run, port } = await start(["--inspect=:0"], {});
  const again = startCommand([
    "start",
    "--port",
    "0",
    `--inspect=:${port}`,
    "--data-dir",
    join(newDirectory(), "d"),
    newDirectory({ "index.mjs": stopsAtDebugger }),
  ]);
  expect(await again.finished).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(`Port ${port} is taken`) as string,
  });
  await stop(run);
});
