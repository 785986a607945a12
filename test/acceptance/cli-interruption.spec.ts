/** Ctrl-C, a second Ctrl-C, and a reader that goes away: real signals to real processes, at several moments. */
import { describe, expect, test } from "vitest";
import {
  expectNothingLeft,
  newExtension,
  newFunction,
  startCommand,
  type CommandRun,
  type RunOptions,
} from "../fixtures/command-line.ts";

/** An extension that says what it is told. */
const talker = `
  const { id } = await register(["INVOKE", "SHUTDOWN"]);
  for (;;) {
    const { eventType, shutdownReason } = await event(id);
    console.log(eventType, shutdownReason);
    if (eventType === "SHUTDOWN") process.exit(0);
  }`;

const never = 'await next(); console.log("invocation begins"); await forever();';

function invoke(code: string, extension: string, args: readonly string[] = [], options: RunOptions = {}): CommandRun {
  return startCommand(
    ["invoke", "--timeout", "600", "--extension", newExtension("talker", extension), ...args, code],
    options,
  );
}

describe("the first signal shuts everything down in order", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s in an invocation interrupts it, tells the extensions, and exits with %i", async (signal, code) => {
    const run = invoke(newFunction(never), talker, ["--count", "3"]);
    await run.shows("invocation begins");
    run.signal(signal);
    const finished = await run.finished;
    expect(finished).toMatchObject({ code, signal: null, stdout: "" });
    expect(finished.stderr).toContain("| SHUTDOWN failure");
    expect(finished.stderr.match(/\| INVOKE/gu)).toHaveLength(1);
    expect(finished.stderr).toContain("Timeline of ");
    expect(finished.stderr).not.toMatch(/^error:|^ +at /mu);
    await expectNothingLeft();
  });

  test("in Init, before the runtime has asked for anything", async () => {
    const run = invoke(newFunction('console.log("init begins"); await forever();'), talker);
    await run.shows("init begins");
    run.signal("SIGINT");
    expect(await run.finished).toMatchObject({ code: 130, stdout: "" });
    await expectNothingLeft();
  });

  test("while Shutdown runs already", async () => {
    const slow = `
      const { id } = await register(["SHUTDOWN"]);
      await event(id);
      console.log("shutdown begins");
      await new Promise((resume) => setTimeout(resume, 300));
      console.log("shutdown ends");
      process.exit(0);`;
    const run = invoke(newFunction(), slow);
    await run.shows("shutdown begins");
    run.signal("SIGINT");
    const { code, stdout, stderr } = await run.finished;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "{}\n" });
    expect(stderr).toContain("| shutdown ends");
    await expectNothingLeft();
  });

  test("leaves one JSON document of what there was with --json", async () => {
    const once = `const first = await next(); await respond(first.requestId, "1"); ${never}`;
    const run = invoke(newFunction(once), talker, ["--count", "2", "--json"]);
    await run.shows("invocation begins");
    run.signal("SIGINT");
    const { code, stdout } = await run.finished;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      invocations: [{ payload: 1 }],
      extensions: [{ name: "talker", state: "Exited" }],
      shutdown: { reason: "failure" },
    });
  });

  test("while standard input is still awaited nothing was started, and the signal ends it as any program", async () => {
    const run = startCommand(["invoke", "--event", "-", newFunction()], { stdin: undefined });
    await run.readsInput();
    run.signal("SIGINT");
    expect(await run.finished).toMatchObject({ code: null, signal: "SIGINT", stdout: "", stderr: "" });
  });
});

describe("a second signal ends everything at once", () => {
  test("[LIFE-80] though an extension takes all the time of its Shutdown", async () => {
    const stubborn = `
      const { id } = await register(["SHUTDOWN"]);
      await event(id);
      console.log("will not leave");
      await forever();`;
    const run = invoke(newFunction(never), stubborn);
    await run.shows("invocation begins");
    run.signal("SIGINT");
    await run.shows("will not leave");
    run.signal("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("SIGINT again: ending everything at once.");
    expect(stderr).not.toContain("the time for Shutdown is over");
    await expectNothingLeft();
  });
});

describe("a reader that goes away", () => {
  test("ends the run in order, without a trace of an error", async () => {
    const run = invoke(newFunction('await serve(() => JSON.stringify("x".repeat(200_000)));'), talker, [
      "--count",
      "1000",
    ]);
    await run.closesStdout();
    const { code, stderr } = await run.finished;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|^error:|^ +at /mu);
    expect(stderr).toContain("| SHUTDOWN spindown");
    expect(stderr.match(/START RequestId/gu)?.length).toBeLessThan(1000);
    await expectNothingLeft();
  });
});
