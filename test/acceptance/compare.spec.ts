/** `lambdarium compare`: what extensions cost a function, by real runs. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  lambdarium,
  newDirectory,
  newExtension,
  newFunction,
  projectDirectory,
  startCommand,
} from "../fixtures/command-line.ts";
import { newPortableExtension, obstacle, whySkipped } from "../fixtures/linux-environments.ts";
import { follower } from "../fixtures/programs.ts";

interface Figures {
  readonly coldStartMs: number;
  readonly initDurationMs: number;
  readonly durationMs: number;
  readonly extensionOverheadMs: number;
  readonly maxMemoryUsedMb: number;
  readonly coldBilledDurationMs: number;
  readonly billedDurationMs: number;
}

interface Document {
  readonly sandbox: string;
  readonly extensions: readonly string[];
  readonly functionErrors: number;
  readonly sizes: readonly {
    readonly memorySizeMb: number;
    readonly without: Figures;
    readonly with: Figures;
    readonly difference: Figures;
  }[];
}

const inProcesses = ["compare", "--sandbox", "process", "--rounds", "1", "--count", "3"];

describe("in the process sandbox", () => {
  test("prints a table, and says that sizes differ by chance only", async () => {
    const extension = newExtension("spy", follower);
    const { code, stdout, stderr } = await lambdarium([
      ...inProcesses,
      "--memory",
      "128,512",
      "--extension",
      extension,
      newFunction(),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+ on provided\.al2023, sandbox process, extensions: spy\n\n/u);
    const rows = stdout.split("\n").map((line) => /^ *(\d+ MB)? +(without|with|difference) /u.exec(line)?.slice(1, 3));
    expect(rows.filter((row) => row !== undefined)).toEqual([
      ["128 MB", "without"],
      [undefined, "with"],
      [undefined, "difference"],
      ["512 MB", "without"],
      [undefined, "with"],
      [undefined, "difference"],
    ]);
    expect(stderr.match(/CPU time is not limited here/gu)).toHaveLength(1);
  });

  test("shows an extension that holds the environment after the response, in the time and in the bill", async () => {
    const pause = "() => new Promise((resolve) => setTimeout(resolve, 300))";
    const extension = newExtension("slow", `await follow((await register(["INVOKE"])).id, ${pause});`);
    const args = ["--json", "--memory", "128", "--extension", extension, newFunction()];
    const { stdout } = await lambdarium([...inProcesses, ...args]);
    const { sizes, extensions } = JSON.parse(stdout) as Document;
    expect(extensions).toEqual(["slow"]);
    expect(sizes[0]?.without.extensionOverheadMs).toBe(0);
    expect(sizes[0]?.difference.extensionOverheadMs).toBeGreaterThan(100);
    expect(sizes[0]?.difference.billedDurationMs).toBeGreaterThan(100);
  });

  test("[EXT-98] without means: no extension of the layers either, and the layers are there", async () => {
    const layer = newDirectory({ "extensions/inside": "#!/bin/sh\nexit 1\n", library: "here" });
    const body = `const { existsSync } = require("node:fs");
      await serve(() => JSON.stringify(existsSync(process.env.LAMBDARIUM_OPT + "/library")));`;
    const args = ["--json", "--memory", "128", "--layer", layer, newFunction(body)];
    const { code, stdout, stderr } = await lambdarium([...inProcesses, ...args]);
    // With it, every Init fails; without it none.
    expect(code).toBe(1);
    expect(stderr).toContain("The function failed: ");
    const { functionErrors, sizes } = JSON.parse(stdout) as Document;
    expect(functionErrors).toBe(3);
    expect(sizes[0]?.without).toMatchObject({ durationMs: expect.any(Number) as number });
    expect(sizes[0]?.with).toMatchObject({ initDurationMs: null });
  });

  test("[LIFE-80] Ctrl-C ends what runs, in order, and gives 130 and no table", async () => {
    const args = [...inProcesses, "--memory", "128", "--timeout", "600", newFunction("await next(); await forever();")];
    const run = startCommand(args);
    await run.shows("because");
    run.signal("SIGINT");
    const { code, stdout } = await run.finished;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  });

  test.each([
    [["--memory", "128,64"], '--memory cannot be "128,64"'],
    [["--rounds", "0"], '--rounds cannot be "0"'],
    [["--extension", "missing"], "There is no extension at"],
  ])("bad usage starts nothing and exits with 2: %j", async (args, message) => {
    const { code, stdout, stderr } = await lambdarium(["compare", "--sandbox", "process", ...args, newFunction()]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("--help explains every column and every exit status", async () => {
    const { code, stdout } = await lambdarium(["compare", "--help"]);
    expect(code).toBe(0);
    for (const text of ["cold start", "after response", "billed, cold", "--rounds", "0 all invocations succeeded"])
      expect(stdout.replaceAll(/\s+/gu, " ")).toContain(text);
  });
});

describe.skipIf(obstacle)(`in the sandbox that isolates${whySkipped}`, () => {
  test("[ENV-87, ENV-89] shows what a busy extension costs at 128 MB and at 1,769 MB: in Init, in invocations, in memory", async () => {
    const busy =
      "const busy = (ms) => { const from = process.cpuUsage().user; while (process.cpuUsage().user - from < ms * 1000); };";
    const extension = newPortableExtension(
      "busy",
      `${busy} const kept = Buffer.alloc(20_000_000, 1);
       await follow((await register(["INVOKE", "SHUTDOWN"])).id, async () => busy(10 + kept.length * 0));`,
    );
    const { code, stdout, stderr } = await lambdarium([
      "compare",
      "--json",
      "--sandbox",
      "linux",
      "--memory",
      "128,1769",
      "--rounds",
      "1",
      "--count",
      "6",
      "--timeout",
      "30",
      "--extension",
      extension,
      join(projectDirectory, "examples/functions/hello-node"),
    ]);
    expect(code).toBe(0);
    expect(stderr).not.toContain("CPU time is not limited here");
    const { sandbox, extensions, sizes } = JSON.parse(stdout) as Document;
    expect({ sandbox, extensions, sizes: sizes.map(({ memorySizeMb }) => memorySizeMb) }).toEqual({
      sandbox: "linux",
      extensions: ["busy"],
      sizes: [128, 1769],
    });
    const [small, large] = sizes;
    expect(small?.without.initDurationMs).toBeGreaterThan(large!.without.initDurationMs * 1.5);
    expect(small?.difference.initDurationMs).toBeGreaterThan(large!.difference.initDurationMs * 1.5);
    expect(small?.difference.coldBilledDurationMs).toBeGreaterThan(large!.difference.coldBilledDurationMs);
    expect(small?.difference.billedDurationMs).toBeGreaterThan(large!.difference.billedDurationMs);
    expect(small?.difference.maxMemoryUsedMb).toBeGreaterThan(10);
  });
});
