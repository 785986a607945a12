/** What every sandbox driver promises, proved with real processes. A driver's spec calls this with the driver. */
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, onTestFinished, test } from "vitest";
import { sandboxFeatures } from "../../src/sandbox/sandbox.ts";
import type { Sandbox, SandboxDriver, SandboxFeature, SandboxSpec, StartResult } from "../../src/sandbox/sandbox.ts";
import {
  clearDirectories,
  copyOfPrograms,
  freshDirectory,
  hostPids,
  lives,
  openWorkshop,
  specOf,
} from "./sandbox-programs.ts";
import type { Program, Workshop } from "./sandbox-programs.ts";

/** What a destroyed sandbox left on the machine, in words for the reader of a failed test. */
export type FindTraces = (sandbox: Sandbox, id: string) => readonly string[];

export function describeSandboxDriver(driver: SandboxDriver, findTraces: FindTraces): void {
  const open: Workshop[] = [];
  const openHere = async (changes: Partial<SandboxSpec> = {}): Promise<Workshop> => {
    const workshop = await openWorkshop(driver, changes);
    open.push(workshop);
    return workshop;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async ({ sandbox }) => sandbox.destroy()));
  });
  afterAll(clearDirectories);

  describe(`the ${driver.name} driver`, () => {
    describeCapabilities(driver);
    describeDirectories(openHere);
    describeStart(openHere);
    describeOutput(openHere);
    describeEnd(openHere);
    describeNetwork(openHere);
    describeFreeze(driver, openHere);
    describeDestruction(driver, openHere, findTraces);
  });
}

type Open = (changes?: Partial<SandboxSpec>) => Promise<Workshop>;

function describeCapabilities(driver: SandboxDriver): void {
  test.each(sandboxFeatures)("[ENV-151] says how far it gives: %s", (feature: SandboxFeature) => {
    const { level, reason } = driver.capabilities[feature];
    expect(["enforced", "approximated", "not enforced"]).toContain(level);
    expect(reason === "").toBe(level === "enforced");
  });
}

function describeDirectories(open: Open): void {
  test("[ENV-17] merges layers into /opt in order: directories together, the later file wins", async () => {
    const layers = [freshDirectory(), freshDirectory(), freshDirectory()];
    await fill(layers[0] as string, { "bin/tool": "first", "lib/one": "1", "becomes-directory": "file" });
    await fill(layers[1] as string, { "bin/tool": "second", "lib/two": "2", "becomes-directory/inner": "3" });
    await fill(layers[2] as string, { "bin/other": "third" });
    const workshop = await open({ layerDirectories: layers });
    const names = ["bin/tool", "bin/other", "lib/one", "lib/two", "becomes-directory/inner"];
    const paths = names.map((path) => join(workshop.sandbox.paths.opt, path));
    const program = await workshop.start("cat", paths, { file: "/bin/cat" });
    await program.exited;
    expect(program.text()).toBe("secondthird123");
    expect(await readFile(join(layers[0] as string, "bin/tool"), "utf8")).toBe("first");
  });

  test("[ENV-18] keeps permission bits and links of layers, so a file without the bit cannot be launched", async () => {
    const layer = freshDirectory();
    await fill(layer, { "extensions/good": "#!/bin/sh\necho ran\n", "extensions/bad": "#!/bin/sh\n" });
    await chmod(join(layer, "extensions/good"), 0o755);
    await symlink("good", join(layer, "extensions/link"));
    const workshop = await open({ layerDirectories: [layer] });
    const run = async (name: string): Promise<Program> =>
      workshop.start(name, [], { file: join(workshop.sandbox.paths.opt, "extensions", name) });
    const programs = [await run("good"), await run("link")];
    await Promise.all(programs.map(async ({ exited }) => exited));
    expect(programs.map((program) => program.text())).toEqual(["ran\n", "ran\n"]);
    await expect(run("bad")).rejects.toThrow("permission denied");
  });

  test("[LIFE-01] [LIFE-03] lists what is no directory in /opt/extensions, in byte order", async () => {
    const layer = freshDirectory();
    await fill(layer, { "extensions/b": "", "extensions/a": "", "extensions/.dot": "", "extensions/Z": "" });
    await fill(layer, {
      "extensions/directory/inner": "",
      "extensions/é": "",
      "extensions/\u{1f600}": "",
      "extensions/ﬀ": "",
    });
    await symlink("a", join(layer, "extensions/link"));
    await symlink("nowhere", join(layer, "extensions/broken"));
    const { sandbox } = await open({
      layerDirectories: [layer],
      extensionFiles: [{ name: "own", file: join(layer, "extensions/a") }],
    });
    expect(await sandbox.listExtensions()).toEqual([
      ".dot",
      "Z",
      "a",
      "b",
      "broken",
      "link",
      "own",
      "é",
      "ﬀ",
      "\u{1f600}",
    ]);
  });

  test("[LIFE-02] finds no extensions, and no error, without /opt/extensions or when it is a file", async () => {
    const layer = freshDirectory();
    await fill(layer, { extensions: "a file" });
    const none = await open();
    const file = await open({ layerDirectories: [layer] });
    expect(await none.sandbox.listExtensions()).toEqual([]);
    expect(await file.sandbox.listExtensions()).toEqual([]);
  });

  test("knows whether a path leads to something that is not a directory", async () => {
    const { sandbox } = await open();
    const { task, opt } = sandbox.paths;
    const asked = [join(task, "count.mjs"), join(task, "missing"), opt, join(task, "count.mjs", "inner")];
    expect(await Promise.all(asked.map(async (path) => sandbox.exists(path)))).toEqual([true, false, false, false]);
  });

  test("refuses a layer that does not exist", async () => {
    await expect(open({ layerDirectories: ["/nowhere/layer"] })).rejects.toMatchObject({ code: "layer-not-found" });
  });
}

function describeStart(open: Open): void {
  test("[ENV-29] gives exactly the environment asked for, even where Node.js would add to it", async () => {
    process.env["NODE_V8_COVERAGE"] = freshDirectory();
    process.env["LEAKED_FROM_HOST"] = "1";
    onTestFinished(() => {
      delete process.env["NODE_V8_COVERAGE"];
      delete process.env["LEAKED_FROM_HOST"];
    });
    const workshop = await open();
    const env = { ...workshop.environment(), OWN: "unchanged $HOME\nand more" };
    const found = await circumstances(workshop, { env });
    expect(found.environment).toEqual(env);
  });

  test("[ENV-27] starts with standard input at its end, in the directory asked for", async () => {
    const workshop = await open();
    const found = await circumstances(workshop, { cwd: workshop.sandbox.paths.opt });
    expect(found).toMatchObject({ input: "", directory: workshop.sandbox.paths.opt });
  });

  test("[LIFE-04] starts an extension by its path in /opt/extensions, without arguments", async () => {
    const workshop = await open({ extensionFiles: [{ name: "name", file: join(copyOfPrograms(), "print-name") }] });
    const file = join(workshop.sandbox.paths.opt, "extensions", "name");
    const program = await workshop.start("name", [], { file });
    await program.exited;
    expect(program.text()).toBe(`${file} 0 0\n`);
  });

  const elfForNoCpu = Buffer.concat([Buffer.from("\u007fELF\u0002\u0001\u0001", "latin1"), Buffer.alloc(121, 0xee)]);
  test.each([
    ["without execute permission", "permission denied", 0o644, "#!/bin/sh\n"],
    ["without #! line", "exec format error", 0o755, "echo hello\n"],
    ["that is empty", "exec format error", 0o755, ""],
    ["for another CPU", "exec format error", 0o755, elfForNoCpu],
    ["whose interpreter is missing", "no such file or directory", 0o755, "#!/no/such/interpreter\n"],
    ["with Windows line ends", "no such file or directory", 0o755, "#!/bin/sh\r\necho hello\r\n"],
  ])("[LIFE-05] says of a file %s: %s", async (_, reason, mode, content) => {
    const codeDirectory = freshDirectory();
    await writeFile(join(codeDirectory, "program"), content);
    await chmod(join(codeDirectory, "program"), mode);
    const workshop = await open({ codeDirectory });
    expect(await tryStart(workshop, "program")).toMatchObject({ started: false, reason });
  });

  test("[LIFE-05] says of a link to nothing: no such file or directory", async () => {
    const codeDirectory = freshDirectory();
    await symlink("nowhere", join(codeDirectory, "program"));
    const workshop = await open({ codeDirectory });
    expect(await tryStart(workshop, "program")).toMatchObject({ reason: "no such file or directory" });
  });

  test("says when the arguments are too long, or hold what none can hold, without throwing", async () => {
    const workshop = await open();
    const tooLong = await tryStart(workshop, "leave-nothing", ["x".repeat(4 * 1024 * 1024)]);
    const withNul = await tryStart(workshop, "leave-nothing", ["a\0b"]);
    expect([tooLong, withNul]).toMatchObject([{ reason: "argument list too long" }, { reason: "invalid argument" }]);
  });

  test("says when the working directory is missing", async () => {
    const workshop = await open();
    const result = await tryStart(workshop, "leave-nothing", [], join(workshop.sandbox.paths.opt, "missing"));
    expect(result).toMatchObject({ started: false, reason: "no such file or directory" });
  });
}

function describeOutput(open: Open): void {
  test("[ENV-27] captures standard output and standard error apart, also when they are opened by name", async () => {
    const program = await (await open()).start("write-everywhere");
    expect(await program.exited).toMatchObject({ code: 0 });
    expect([program.text("stdout"), program.text("stderr")]).toEqual(["A B\n", "to stderr\nby name\n"]);
  });

  test("keeps the outputs of programs apart that are started at the same time", async () => {
    const workshop = await open();
    const names = Array.from({ length: 12 }, (_, at) => String(at));
    const started = await Promise.all(names.map(async (name) => workshop.start("write-everywhere", [name])));
    await Promise.all(started.map(async ({ exited }) => exited));
    const texts = started.map((program) => [program.text("stdout"), program.text("stderr")]);
    expect(texts).toEqual(names.map(() => ["A B\n", "to stderr\nby name\n"]));
  });

  test("[CAP-23] gives a writable log descriptor, by number, to those it is asked for and to no other", async () => {
    const workshop = await open();
    const program = await workshop.start("write-to-log-descriptor.mjs", [], { logDescriptor: true });
    await program.exited;
    expect(Buffer.from(program.text("log"), "latin1").toString("hex")).toBe("a55a0003");
    const [without, withIt] = [await circumstances(workshop), await circumstances(workshop, { logDescriptor: true })];
    expect([without.log, withIt.log]).toEqual([false, true]);
    expect(without.environment).not.toHaveProperty("_LAMBDA_TELEMETRY_LOG_FD");
  });

  test("[CAP-04] takes 50 MB in one flood without losing or changing a byte", async () => {
    const workshop = await open();
    const pieces: Uint8Array[] = [];
    const program = await workshop.start("flood-stdout.mjs", ["5000000"], {
      onOutput: (_, bytes) => pieces.push(Uint8Array.from(bytes)),
    });
    await program.exited;
    const all = Buffer.concat(pieces);
    expect(all.length).toBe(50_000_000);
    const wrong = Array.from({ length: 5_000_000 }, (_, line) => line).filter(
      (line) => Number(all.toString("latin1", line * 10, line * 10 + 9)) !== line,
    );
    expect(wrong).toEqual([]);
  });

  test("[CAP-01] captures descendants too, after their parent has gone", async () => {
    const workshop = await open();
    const program = await workshop.start("leave-writer-behind");
    expect(await program.exited).toEqual({ code: 3, signal: null, outOfMemory: false });
    const before = program.text().length;
    await program.until(new RegExp(`^[^]{${before + 20}}`, "u"));
    expect(program.ended).not.toContain("stdout");
  });

  test("[CAP-16] has read, when drained, every line written before the call that a program makes", async () => {
    const workshop = await open();
    const missing: string[] = [];
    let check = (_path: string): void => undefined;
    workshop.onCall = async (path) => {
      await workshop.sandbox.drainOutput();
      check(path);
    };
    const program = await workshop.start("write-line-then-call.mjs", ["300"], {});
    check = (path) => {
      const line = `line ${path.slice(1)}\n`;
      missing.push(...(["stdout", "stderr"] as const).filter((stream) => !program.text(stream).endsWith(line)));
    };
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(program.text()).toContain("line 299\n");
    expect(missing).toEqual([]);
  });

  test("ends draining although a program floods without end", async () => {
    const workshop = await open();
    let pieces = 0;
    const program = await workshop.start("flood-without-end", [], { onOutput: () => (pieces += 1) });
    await expect.poll(() => pieces).toBeGreaterThan(100);
    await expect(workshop.sandbox.drainOutput()).resolves.toBeUndefined();
    program.process.signal("SIGKILL");
    expect(await program.exited).toMatchObject({ signal: "SIGKILL" });
  });

  test("[CAP-11] says once of each stream that it ended, also of a program that was killed", async () => {
    const workshop = await open();
    const program = await workshop.start("end-by-signal", ["KILL"], { logDescriptor: true });
    expect(await program.exited).toEqual({ code: null, signal: "SIGKILL", outOfMemory: false });
    expect(program.text()).toBe("last word");
    await workshop.sandbox.destroy();
    expect(program.ended.toSorted()).toEqual(["log", "stderr", "stdout"]);
  });

  test("[CAP-11] says so of programs too that are gone before we have looked at them", async () => {
    const workshop = await open();
    const programs: Program[] = [];
    for (let round = 0; round < 40; round += 1) {
      programs.push(await workshop.start("leave-nothing", [], { logDescriptor: true }));
    }
    await workshop.sandbox.destroy();
    expect(programs.filter(({ ended }) => ended.length !== 3)).toEqual([]);
  });
}

function describeEnd(open: Open): void {
  test.each([
    ["TERM", "SIGTERM"],
    ["SEGV", "SIGSEGV"],
  ] as const)("tells an end by SIG%s from an exit", async (name, signal) => {
    const program = await (await open()).start("end-by-signal", [name]);
    expect(await program.exited).toEqual({ code: null, signal, outOfMemory: false });
  });

  test("[LIFE-94] sends SIGTERM and SIGKILL to children too", async () => {
    const workshop = await open();
    const program = await workshop.start("ignore-sigterm-with-child");
    const inner = Number((await program.until(/child \d+\n/u)).slice(6));
    await program.until(/parent \d+\n/u);
    const [child = 0] = hostPids(program.process.pid, [inner]);
    program.process.signal("SIGTERM");
    await program.until(/child got SIGTERM/u);
    await program.until(/parent got SIGTERM/u);
    expect([lives(child), lives(program.process.pid)]).toEqual([true, true]);
    program.process.signal("SIGKILL");
    expect(await program.exited).toMatchObject({ signal: "SIGKILL" });
    await expect.poll(() => lives(child)).toBe(false);
  });

  test("a signal to a process that has ended does nothing", async () => {
    const program = await (await open()).start("leave-nothing");
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(() => program.process.signal("SIGTERM")).not.toThrow();
  });

  test("[LIFE-74] sweeps daemons and other relatives, whether the first process lives or not", async () => {
    const workshop = await open();
    const pids = await Promise.all([family(workshop), family(workshop, "exit")]);
    expect(pids.flat().filter(lives)).toHaveLength(7);
    await workshop.sandbox.sweep();
    expect(pids.flat().filter(lives)).toEqual([]);
  });

  test("sweeps nobody else's processes, and processes can be started after it", async () => {
    const [workshop, other] = [await open(), await open()];
    const pids = await family(other);
    await workshop.sandbox.sweep();
    expect(pids.filter(lives)).toEqual(pids);
    const program = await workshop.start("leave-nothing");
    expect(await program.exited).toMatchObject({ code: 0 });
  });

  test("reports a peak of memory that is there and does not fall when the process ends", async () => {
    const workshop = await open();
    const program = await workshop.start("count.mjs");
    await program.until(/count/u);
    const first = workshop.sandbox.memoryPeakBytes();
    const second = await workshop.start("use-memory.mjs", ["64"]);
    await second.until(/full/u);
    const full = workshop.sandbox.memoryPeakBytes();
    await second.exited;
    expect(first).toBeGreaterThan(1024 * 1024);
    expect(workshop.sandbox.memoryPeakBytes()).toBeGreaterThanOrEqual(Math.max(first, full));
  });
}

function describeNetwork(open: Open): void {
  test("lets programs reach the server under the address given", async () => {
    const workshop = await open();
    const calls: string[] = [];
    workshop.onCall = (path) => {
      calls.push(path);
    };
    const program = await workshop.start("write-line-then-call.mjs", ["2"]);
    await program.exited;
    expect(calls).toEqual(["/0", "/1"]);
  });

  test.each(["127.0.0.1", "0.0.0.0"])("[ENV-95] reaches a listener on %s", async (address) => {
    const workshop = await open();
    const program = await workshop.start("serve-on.mjs", [address, "0"]);
    const port = Number(await program.until(/\d+\n/u));
    expect(await readAll(workshop, port)).toBe("hello");
  });

  describe("one port for datagrams and for connections", () => {
    const openPort = async (workshop: Workshop) => {
      const datagrams: string[] = [];
      const server = createServer((_, response) => response.end("served"));
      const onDatagram = (bytes: Uint8Array) =>
        datagrams.push(`${bytes.length} of ${String.fromCharCode(bytes[0] ?? 0)}`);
      const address = await workshop.sandbox.listenDatagrams({ port: 2000, server, onDatagram });
      return { datagrams, address, port: address.split(":").at(-1) ?? "" };
    };

    test("[OBS-84] reads datagrams of up to 65,507 bytes, whole and in order", async () => {
      const workshop = await open();
      const { datagrams, address } = await openPort(workshop);
      const program = await workshop.start("send-datagrams.mjs", [address, "1", "1472", "65507", "12"]);
      expect(await program.exited).toMatchObject({ code: 0 });
      await workshop.sandbox.drainOutput();
      expect(datagrams).toEqual(["1 of 1", "1472 of 2", "65507 of 7", "12 of 2"]);
    });

    test("[OBS-84] keeps what is sent while we are busy, and has read it when drained", async () => {
      const workshop = await open();
      const { datagrams, address } = await openPort(workshop);
      const sizes = Array.from({ length: 150 }, () => "100");
      const program = await workshop.start("send-datagrams.mjs", [address, ...sizes]);
      // Nothing is read meanwhile: this thread does nothing else.
      blockUntilGone(program.process.pid);
      expect(datagrams).toEqual([]);
      await workshop.sandbox.drainOutput();
      expect(datagrams).toHaveLength(sizes.length);
      await program.exited;
    });

    test("serves connections on the same port", async () => {
      const workshop = await open();
      const { port } = await openPort(workshop);
      const program = await workshop.start("request-port.mjs", [port]);
      await program.exited;
      expect(program.text()).toBe("served");
    });
  });

  test("[ENV-96] lets programs reach each other's ports, and none open a port twice", async () => {
    const workshop = await open();
    const first = await workshop.start("serve-on.mjs", ["127.0.0.1", "0"]);
    const port = (await first.until(/\d+\n/u)).trim();
    const [second, third] = [
      await workshop.start("call-port.mjs", [port]),
      await workshop.start("serve-on.mjs", ["127.0.0.1", port]),
    ];
    await Promise.all([second.exited, third.exited]);
    expect([second.text(), third.text()]).toEqual(["hello", "EADDRINUSE\n"]);
  });
}

function describeFreeze(driver: SandboxDriver, open: Open): void {
  const { level, reason } = driver.capabilities.freeze;
  describe.skipIf(level === "not enforced")(`freeze${level === "not enforced" ? ` (${reason})` : ""}`, () => {
    const pauseMs = 400;

    test("[LIFE-95] [LIFE-98] [LIFE-99] shows programs a gap as long as the pause, in both clocks", async () => {
      const workshop = await open();
      const program = await workshop.start("count.mjs");
      await program.until(/"count":5,/u);
      await workshop.sandbox.freeze();
      await setTimeout(50);
      await workshop.sandbox.drainOutput();
      const frozen = program.text();
      await setTimeout(pauseMs);
      await workshop.sandbox.drainOutput();
      expect(program.text()).toBe(frozen);
      await workshop.sandbox.thaw();
      await program.until(new RegExp(`^[^]{${frozen.length + 400}}`, "u"));
      const gaps = gapsBetween(parseLines(program.text()));
      const longest = gaps.toSorted((a, b) => b.wallMs - a.wallMs)[0];
      expect(longest?.wallMs).toBeGreaterThanOrEqual(pauseMs);
      expect(longest?.upMs).toBeGreaterThanOrEqual(pauseMs);
      expect(gaps.every(({ count }) => count === 1)).toBe(true);
    });

    test("[LIFE-98] stops children and daemons as well, and lets them go on", async () => {
      const workshop = await open();
      const program = await workshop.start("family.mjs");
      await program.until(/self/u);
      await program.until(/\.{10}/u);
      await workshop.sandbox.freeze();
      await setTimeout(50);
      await workshop.sandbox.drainOutput();
      const frozen = program.text();
      await setTimeout(pauseMs);
      await workshop.sandbox.drainOutput();
      expect(program.text()).toBe(frozen);
      await workshop.sandbox.thaw();
      await expect(program.until(new RegExp(`^[^]{${frozen.length + 30}}`, "u"))).resolves.toContain(frozen);
    });

    test("[LIFE-101] keeps memory and listening sockets; a connection to a frozen program waits for the thaw", async () => {
      const workshop = await open();
      const program = await workshop.start("serve-on.mjs", ["127.0.0.1", "0"]);
      const port = Number(await program.until(/\d+\n/u));
      await workshop.sandbox.freeze();
      let answered = false;
      const answer = readAll(workshop, port).finally(() => (answered = true));
      await setTimeout(pauseMs);
      expect(answered).toBe(false);
      await workshop.sandbox.thaw();
      expect(await answer).toBe("hello");
    });

    test("SIGKILL ends a frozen program, and SIGTERM reaches it by the thaw at the latest", async () => {
      const workshop = await open();
      const [first, second] = [await workshop.start("count.mjs"), await workshop.start("count.mjs")];
      await Promise.all([first.until(/count/u), second.until(/count/u)]);
      await workshop.sandbox.freeze();
      first.process.signal("SIGKILL");
      second.process.signal("SIGTERM");
      expect(await first.exited).toMatchObject({ signal: "SIGKILL" });
      await workshop.sandbox.thaw();
      expect(await second.exited).toMatchObject({ code: 7 });
      expect(second.text()).toContain("SIGTERM");
    });

    test("freezing twice, thawing twice and thawing what is not frozen is harmless", async () => {
      const workshop = await open();
      const program = await workshop.start("count.mjs");
      await workshop.sandbox.thaw();
      await workshop.sandbox.freeze();
      await workshop.sandbox.freeze();
      await workshop.sandbox.thaw();
      await workshop.sandbox.thaw();
      await expect(program.until(/"count":3,/u)).resolves.toContain("3");
    });

    test("a freeze in the midst of a sweep keeps nobody from ending, and stops nobody who is started later", async () => {
      const workshop = await open();
      const pids = await family(workshop);
      const over = new AbortController();
      const swept = workshop.sandbox.sweep().finally(() => over.abort());
      while (!over.signal.aborted) {
        await workshop.sandbox.freeze();
        await setImmediate();
      }
      await swept;
      expect(pids.filter(lives)).toEqual([]);
      const program = await workshop.start("count.mjs");
      await expect(program.until(/"count":3,/u)).resolves.toContain("3");
    });

    test("destroys a frozen environment with all its relatives", async () => {
      const workshop = await open();
      const pids = await family(workshop);
      await workshop.sandbox.freeze();
      await workshop.sandbox.destroy();
      expect(pids.filter(lives)).toEqual([]);
    });
  });
}

function describeDestruction(driver: SandboxDriver, open: Open, findTraces: FindTraces): void {
  test("destroys twice, and leaves neither process nor directory nor server", async () => {
    const workshop = await open();
    const pids = await family(workshop);
    await Promise.all([workshop.sandbox.destroy(), workshop.sandbox.destroy()]);
    await workshop.sandbox.destroy();
    expect(pids.filter(lives)).toEqual([]);
    expect(findTraces(workshop.sandbox, workshop.id)).toEqual([]);
    await expect(statusOf(`http://${workshop.runtimeApi}/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(existsSync(join(copyOfPrograms(), "count.mjs"))).toBe(true);
  });

  test("leaves nothing behind when it is destroyed while programs are being started", async () => {
    const workshop = await open();
    const starts = Array.from({ length: 12 }, async () => tryStart(workshop, "count.mjs"));
    await starts[0];
    await workshop.sandbox.destroy();
    expect(pidsOf(await Promise.all(starts)).filter(lives)).toEqual([]);
    expect(findTraces(workshop.sandbox, workshop.id)).toEqual([]);
  });

  test("starts nothing in a destroyed environment", async () => {
    const workshop = await open();
    await workshop.sandbox.destroy();
    expect(await tryStart(workshop, "leave-nothing")).toMatchObject({ started: false });
  });

  test("leaves no descriptor and no process behind after 200 rounds, failed starts included", async () => {
    const workshop = await open();
    const before = await descriptorsWhenQuiet();
    const pids: number[] = [];
    for (let round = 0; round < 200; round += 1) {
      const program = await workshop.start("leave-nothing", [], { logDescriptor: round % 2 === 0 });
      pids.push(program.process.pid);
      await program.exited;
      await tryStart(workshop, "leave-nothing", ["x".repeat(4 * 1024 * 1024)]);
    }
    await expect.poll(openDescriptors, { timeout: 20_000 }).toBeLessThanOrEqual(before);
    expect(pids.filter(lives)).toEqual([]);
  });

  test("leaves no descriptor behind of environments that are gone", async () => {
    const round = async (): Promise<void> => {
      const workshop = await openWorkshop(driver, specOf());
      await workshop.start("count.mjs");
      await workshop.sandbox.destroy();
    };
    await round();
    const before = await descriptorsWhenQuiet();
    for (let count = 0; count < 10; count += 1) {
      await round();
    }
    await expect.poll(openDescriptors, { timeout: 20_000 }).toBeLessThanOrEqual(before);
  });
}

interface Circumstances {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly input: string;
  readonly log: boolean;
}

async function circumstances(workshop: Workshop, spec: Parameters<Workshop["start"]>[2] = {}): Promise<Circumstances> {
  const program = await workshop.start("print-circumstances.mjs", [], spec);
  await program.exited;
  return JSON.parse(program.text()) as Circumstances;
}

async function tryStart(
  workshop: Workshop,
  name: string,
  args: readonly string[] = [],
  cwd = workshop.sandbox.paths.task,
): Promise<StartResult> {
  return workshop.sandbox.start({
    file: join(workshop.sandbox.paths.task, name),
    args,
    env: workshop.environment(),
    cwd,
    logDescriptor: true,
    onOutput: () => undefined,
    onOutputEnd: () => undefined,
  });
}

function pidsOf(results: readonly StartResult[]): readonly number[] {
  return results.flatMap((result) => (result.started ? [result.process.pid] : []));
}

/** Process ids of the program and of its relatives that live on. */
async function family(workshop: Workshop, ...args: readonly string[]): Promise<readonly number[]> {
  const program = await workshop.start("family.mjs", args);
  const line = await program.until(/\{.*\}/u);
  const { self, ...relatives } = JSON.parse(line) as Readonly<Record<string, number>>;
  const relative = hostPids(program.process.pid, Object.values(relatives));
  await Promise.all(args.map(async () => program.exited));
  return [program.process.pid, ...relative].slice(self === undefined ? 1 : 0);
}

async function readAll(workshop: Workshop, port: number): Promise<string> {
  let text = "";
  for await (const bytes of workshop.sandbox.connect(port)) {
    text += String(bytes);
  }
  return text;
}

function blockUntilGone(pid: number): void {
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  for (let round = 0; round < 4000 && lives(pid); round += 1) Atomics.wait(nobodyWakes, 0, 0, 5);
}

async function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, (response) => resolve(response.resume().statusCode)).once("error", reject);
  });
}

interface Count {
  readonly count: number;
  readonly wallMs: number;
  readonly upMs: number;
}

function parseLines(text: string): readonly Count[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Count);
}

function gapsBetween(counts: readonly Count[]): readonly Count[] {
  return counts.slice(1).map((line, at) => {
    const before = counts[at] as Count;
    return {
      count: line.count - before.count,
      wallMs: line.wallMs - before.wallMs,
      upMs: line.upMs - before.upMs,
    };
  });
}

/** How many there are when a driver has opened what it keeps in advance, and closed what ends late. */
async function descriptorsWhenQuiet(): Promise<number> {
  let counts = [-1];
  while (counts.some((count) => count !== counts[0]) || counts.length < 10) {
    await setTimeout(20);
    counts = [...counts.slice(-9), openDescriptors()];
  }
  return counts[0] as number;
}

/** Descriptors of this process, or what keeps it alive where they cannot be listed. */
function openDescriptors(): number {
  const list = "/proc/self/fd";
  return existsSync(list) ? readdirSync(list).length : process.getActiveResourcesInfo().length;
}

async function fill(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}
