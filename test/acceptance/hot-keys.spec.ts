/** Keys of `lambdarium start`, on a terminal: `script` of util-linux makes one. */
import { expect, test, vi } from "vitest";
import { binary, CommandRun, newDirectory } from "../fixtures/command-line.ts";
import { program } from "../fixtures/programs.ts";
import { getJson } from "../fixtures/service-calls.ts";

interface Documents {
  readonly environments: readonly { readonly state: string; readonly frozen: boolean; readonly generation: number }[];
}

async function onTerminal(body = "await serve();") {
  const files = { "hello/bootstrap": program(body), "other/bootstrap": program("await serve(() => '\"other\"');") };
  const functions = { hello: { code: "hello" }, other: { code: "other" } };
  const project = newDirectory({ ...files, "lambdarium.json": JSON.stringify({ functions }) });
  const command = `${process.execPath} -- ${binary} start --sandbox process --port 0 ${project}`;
  const run = new CommandRun("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    stdin: undefined,
  });
  const endpoint = await run.endpoint();
  await run.prints("Keys: i invoke");
  const environments = async () => (await getJson<Documents>(endpoint.trim(), "/_local/environments")).environments;
  return { run, environments, press: (keys: string) => run.process.stdin.write(keys) };
}

test("[LIFE-109] invokes, freezes, thaws, resets, spins down and quits", async () => {
  const { run, environments, press } = await onTerminal();
  const becomes = (expected: object[]): Promise<void> =>
    vi.waitFor(async () => expect(await environments()).toMatchObject(expected), { timeout: 20_000, interval: 50 });
  press("i");
  await run.prints("hello: {}");
  await becomes([{ state: "idle", frozen: true, generation: 1 }]);
  // What is idle is frozen, so the first press thaws; and an invocation ends in the cold again.
  press("f");
  await run.prints("thaw: hello");
  await becomes([{ frozen: false }]);
  press("f");
  await run.prints("freeze: hello");
  await becomes([{ frozen: true }]);
  press("r");
  await run.prints("reset: hello");
  press("i");
  await becomes([{ state: "idle", generation: 2 }]);
  press("s");
  await becomes([]);
  press("ni");
  await run.prints('other: "other"');
  press("h");
  await run.prints("q  quit");
  press("q");
  expect(await run.finished).toMatchObject({ code: 0 });
});

test("Ctrl-C shuts down in order, as without a terminal", async () => {
  const { run, press } = await onTerminal();
  press("\u0003");
  await run.prints("SIGINT: shutting down");
  expect(await run.finished).toMatchObject({ code: 0 });
});
