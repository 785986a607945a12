/** The Init phase with real processes: what is launched, in which order, and what it leaves behind. */
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  eventNames,
  eventually,
  lines,
  open,
  records,
  said,
  writeCode,
  writeExtension,
} from "../fixtures/environments.ts";
import { echo, follower, program, programOfAnotherCpu } from "../fixtures/programs.ts";
import { processesOf } from "../fixtures/traces.ts";

test("[LIFE-01] launches every file of /opt/extensions, dot-files and links too, but nothing in directories below", async () => {
  const layer = writeCode({
    "extensions/.hidden": program(follower),
    "extensions/below/inner": program(follower),
    "elsewhere/linked": program(follower.replace("SHUTDOWN", "INVOKE")),
  });
  symlinkSync("../elsewhere/linked", join(layer, "extensions/link"));
  const environment = await open({ layers: [layer] });
  expect(await environment.init()).toEqual({ status: "success" });
  expect(environment.snapshot.extensions.map(({ name }) => name)).toEqual([".hidden", "link"]);
});

test("[LIFE-04] starts an extension without arguments, its path as argv[0], standard input at its end", async () => {
  const tell = program(`
    if (!process.argv0.endsWith("/extensions/native")) return;
    const { id } = await register([], "native");
    const input = require("node:fs").readFileSync(0, "utf8");
    say({ argv0: process.argv0, args: process.argv.slice(1), input });
    await follow(id);
  `);
  const code = writeCode({ "tell.cjs": tell });
  // A binary sees its own argv[0], which a script never does.
  symlinkSync(process.execPath, join(code, "native"));
  const environment = await open({
    extensionPaths: [join(code, "native")],
    environmentVariables: { NODE_OPTIONS: `--require=${join(code, "tell.cjs")}` },
  });
  expect(await environment.init()).toEqual({ status: "success" });
  expect(said(environment, "extension")).toEqual([
    { argv0: expect.stringMatching(/\/opt\/extensions\/native$/), args: [], input: "" },
  ]);
});

test("[LIFE-07, LIFE-08] starts the runtime when all extensions registered, and shows it the files they wrote before", async () => {
  const environment = await open({
    bootstrap: `
      const found = require("node:fs").readFileSync(process.env.FIXTURE_FILE, "utf8");
      await serve(() => JSON.stringify(found));
    `,
    extensions: {
      writer: `
        require("node:fs").writeFileSync(process.env.FIXTURE_FILE, "written before registering");
        await follow((await register(["INVOKE"])).id);
      `,
    },
    environmentVariables: { FIXTURE_FILE: join(writeCode({}), "from-extension") },
  });
  expect((await environment.invoke()).payload).toBe("written before registering");
  const happened = eventNames(environment);
  expect(happened.indexOf("runtime launched")).toBeGreaterThan(happened.indexOf("register"));
});

test("[LIFE-13] runs code outside the handler once a generation, in Init", async () => {
  const environment = await open({
    files: { "index.mjs": "console.log('loaded'); export const handler = async () => 'done';" },
  });
  expect(await environment.init()).toEqual({ status: "success" });
  const loaded = () => lines(environment, "function").filter((line) => line.includes("loaded"));
  expect(loaded()).toHaveLength(1);
  await environment.invoke();
  await environment.invoke();
  expect(loaded()).toHaveLength(1);
});

test("[LIFE-14, OBS-13, OBS-28] records a cold Init, then the invocation, and writes no INIT_REPORT", async () => {
  const environment = await open({ extensions: { a: follower, b: follower } });
  const { logTail, initDurationMs } = await environment.invoke();
  expect(environment.telemetry.filter(({ type }) => type.startsWith("platform.")).map(({ type }) => type)).toEqual([
    "platform.initStart",
    "platform.initRuntimeDone",
    "platform.extension",
    "platform.extension",
    "platform.initReport",
    "platform.start",
    "platform.runtimeDone",
    "platform.report",
  ]);
  expect(logTail.split("\n").map((line) => line.split(/[\t ]/)[0])).toEqual([
    "EXTENSION",
    "EXTENSION",
    "START",
    "END",
    "REPORT",
    "",
  ]);
  const shown = /Init Duration: (\d+\.\d\d) ms/.exec(logTail)?.[1];
  // Rounded to two decimals (OBS-03).
  expect(Math.abs(Number(shown) - initDurationMs!)).toBeLessThan(0.0051);
});

test.each(["provisioned-concurrency", "snap-start"] as const)(
  "[LIFE-14, OBS-14] writes an INIT_REPORT in an environment of type %s",
  async (initializationType) => {
    const environment = await open({ initializationType });
    const { logTail } = await environment.invoke();
    expect(logTail).toMatch(/^INIT_REPORT Init Duration: \d+\.\d\d ms$/m);
  },
);

test("[EXT-95, LIFE-05, LIFE-57] ends Init when an extension lacks the execute permission, and launches none after it", async () => {
  const broken = writeExtension("b-broken", program(follower));
  chmodSync(broken, 0o644);
  const environment = await open({
    extensions: { "a-first": follower, "c-later": "say({ launched: true });" },
    extensionPaths: [broken],
  });
  expect(await environment.init()).toEqual({
    status: "error",
    errorType: "Extension.LaunchError",
    text: "fork/exec /opt/extensions/b-broken: permission denied",
  });
  await eventually(() => expect(environment.snapshot.phase).toBe("empty"));
  expect(processesOf(environment.endpoint)).toEqual([]);
  expect(said(environment, "extension")).toEqual([]);
  expect(records(environment, "platform.extension")).toEqual([
    { name: "a-first", state: "Started", events: [] },
    { name: "b-broken", state: "LaunchError", events: [], errorType: "PermissionDenied" },
  ]);
});

test.each([
  { what: "a line of text", content: "hello, I am no program\n", reason: "exec format error" },
  { what: "a script without #! line", content: "echo hello\n", reason: "exec format error" },
  { what: "a script of an interpreter that is missing", content: "#!/no/such/interpreter\n", reason: /no such file/ },
  { what: "a script with CRLF line ends", content: "#!/bin/sh\r\necho hello\r\n", reason: /no such file/ },
  { what: "a program of another CPU", content: programOfAnotherCpu(), reason: "exec format error" },
])("[EXT-95, LIFE-05, LIFE-57] fails Init when an extension is $what", async ({ content, reason }) => {
  const broken = writeExtension("broken", content);
  chmodSync(broken, 0o755);
  const environment = await open({ extensionPaths: [broken] });
  expect(await environment.init()).toEqual({
    status: "error",
    errorType: "Extension.LaunchError",
    text: expect.stringMatching(reason),
  });
  expect(records(environment, "platform.extension")).toEqual([
    { name: "broken", state: "LaunchError", events: [], errorType: "UnknownError" },
  ]);
});

test("[LIFE-19, OBS-12] ends all processes at the limit of Init, and reports the timeout", async () => {
  const environment = await open({ bootstrap: "await forever();", initLimitMs: 400, extensions: { follower } });
  const outcome = await environment.init();
  expect(outcome).toMatchObject({ status: "timeout" });
  await eventually(() => expect(environment.snapshot.phase).toBe("empty"));
  expect(processesOf(environment.endpoint)).toEqual([]);
  const [report] = records(environment, "platform.initReport");
  expect(report).toMatchObject({ phase: "init", status: "timeout", initializationType: "on-demand" });
  expect(report!.metrics.durationMs).toBeGreaterThanOrEqual(400);
});

test.each([
  { who: "the runtime", setup: { bootstrap: "await forever();" }, notice: "the runtime never asked" },
  {
    who: "a runtime that posted init/error",
    setup: { bootstrap: "await initError('{}'); await forever();" },
    notice: "the runtime never asked",
  },
  {
    who: "an extension that never registers",
    setup: { extensions: { silent: "await forever();" } },
    notice: "the extension silent never asked",
  },
  {
    who: "an extension that registers and never asks",
    setup: { extensions: { idle: "await register(['INVOKE']); await forever();" } },
    notice: "the extension idle never asked",
  },
  {
    who: "an extension that posted init/error",
    setup: { extensions: { sorry: "await extensionInitError((await register([])).id, 'X.Y'); await forever();" } },
    notice: "the extension sorry never asked",
  },
])("[LIFE-33] holds Init to its limit for $who, and names it then", async ({ setup, notice }) => {
  const environment = await open({ bootstrap: echo, ...setup, initLimitMs: 500 });
  expect(await environment.init()).toMatchObject({ status: "timeout" });
  expect(environment.notices.map(({ text }) => text).join("\n")).toContain(notice);
});
