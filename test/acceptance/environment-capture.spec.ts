/** What processes write, as records: whole, in order, by stream, at any time. */
import { expect, test } from "vitest";
import { eventually, lines, newGate, open, openGate, events } from "../fixtures/environments.ts";
import { echo, follower } from "../fixtures/programs.ts";

/** Writes these strings one after the other, each to its descriptor, in one write each. */
const writes = (...pieces: readonly (readonly [1 | 2, string])[]): string =>
  pieces
    .map(([descriptor, text]) => `require("node:fs").writeSync(${descriptor}, ${JSON.stringify(text)});`)
    .join("\n");

test("[CAP-01, CAP-02] captures both streams of runtime and extension in Init, Invoke and Shutdown", async () => {
  const both = (text: string): string => `console.log("${text} out"); console.error("${text} err");`;
  const environment = await open({
    bootstrap: `
      ${both("runtime init")}
      process.on("SIGTERM", () => { ${both("runtime shutdown")} process.exit(0); });
      await serve(() => { ${both("runtime invoke")} return "1"; });
    `,
    extensions: {
      talker: `
        ${both("extension init")}
        await follow((await register(["INVOKE", "SHUTDOWN"])).id, async ({ eventType }) => {
          console.log("extension " + eventType + " out");
          console.error("extension " + eventType + " err");
        });
      `,
    },
  });
  await environment.invoke();
  await environment.shutdown();
  const sorted = (by: "function" | "extension") => lines(environment, by).sort();
  const expected = (who: string, ...when: string[]) =>
    when.flatMap((phase) => [`${who} ${phase} err\n`, `${who} ${phase} out\n`]).sort();
  expect(sorted("function")).toEqual(expected("runtime", "init", "invoke", "shutdown"));
  expect(sorted("extension")).toEqual(expected("extension", "init", "INVOKE", "SHUTDOWN"));
});

test("[CAP-01] captures descendants too, and what is written between invokes while nothing is frozen", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: `
      require("node:child_process").spawn("/bin/sh", ["-c", 'until [ -e "$0" ]; do sleep 0.01; done; echo from a child', ${JSON.stringify(gate)}], { stdio: ["ignore", "inherit", "inherit"] });
      ${echo}
    `,
    freeze: false,
  });
  await environment.invoke();
  openGate(gate);
  await eventually(() => expect(lines(environment, "function")).toEqual(["from a child\n"]));
});

test("[CAP-02] takes what an internal extension writes for the function's", async () => {
  const environment = await open({
    bootstrap: 'await register([], "inside"); console.log("from inside"); await forever();',
    initLimitMs: 60_000,
  });
  void environment.init();
  await eventually(() => expect(lines(environment, "function")).toEqual(["from inside\n"]));
});

test("[CAP-03, CAP-04, CAP-17] loses nothing of 20 MB that nobody subscribed to, and never blocks the writer", async () => {
  const environment = await open({
    bootstrap: `
      const line = "x".repeat(99_999) + "\\n";
      await serve(() => { for (let i = 0; i < 200; i++) require("node:fs").writeSync(1, line); return "1"; });
    `,
    timeoutMs: 60_000,
  });
  const { status } = await environment.invoke();
  expect(status).toBe("success");
  const written = lines(environment, "function");
  expect(written).toHaveLength(200);
  expect(written.reduce((bytes, line) => bytes + line.length, 0)).toBe(20_000_000);
});

test("[CAP-05, CAP-07, CAP-08, CAP-13, CAP-14] changes nothing of a line: its LF, CR, control characters, nor an empty one", async () => {
  const text = "plain\nwith\rCR\n\n\u0000\u001b[31mred\u0007 ü 🎉\n";
  const environment = await open({ bootstrap: `${writes([1, text])} ${echo}` });
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["plain\n", "with\rCR\n", "\n", "\u0000\u001b[31mred\u0007 ü 🎉\n"]);
});

test("[CAP-06] splits each stream by itself, however writes alternate", async () => {
  const environment = await open({ bootstrap: `${writes([2, "A "], [1, "B\n"], [2, "C\n"])} ${echo}` });
  await environment.invoke();
  expect(lines(environment, "function").sort()).toEqual(["A C\n", "B\n"]);
});

test("[CAP-09] makes one record of a line in several writes, and several of one write", async () => {
  const environment = await open({ bootstrap: `${writes([1, "o"], [1, "ne\ntwo\nthr"], [1, "ee\n"])} ${echo}` });
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["one\n", "two\n", "three\n"]);
});

test("[CAP-10] holds a fragment over the end of an invoke and a freeze, until its LF comes", async () => {
  const environment = await open({
    bootstrap: `let count = 0; await serve(() => { ${writes([1, "part "])} if (++count === 2) { ${writes([1, "end\n"])} } return "1"; });`,
  });
  await environment.invoke();
  expect(lines(environment, "function")).toEqual([]);
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["part part end\n"]);
});

test("[CAP-11] makes a record of what a killed process had begun", async () => {
  const environment = await open({
    bootstrap: `await next(); ${writes([1, "last words"])} process.kill(process.pid, "SIGKILL"); await forever();`,
  });
  const { logTail } = await environment.invoke();
  expect(lines(environment, "function")).toEqual(["last words"]);
  expect(logTail).toContain("last words\n");
});

test("[CAP-12] replaces invalid UTF-8 and keeps a character that two writes share", async () => {
  const environment = await open({
    bootstrap: `
      const { writeSync } = require("node:fs");
      for (const bytes of [[0xc3], [0xbc, 0x20, 0xff, 0x0a]]) writeSync(1, Buffer.from(bytes));
      ${echo}
    `,
  });
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["ü \ufffd\n"]);
});

test("[CAP-15] gives a line the time at which its LF was read", async () => {
  const environment = await open({
    bootstrap: `await serve(async ({ body }) => { process.stdout.write(body === '"begin"' ? "be" : "gun\\n"); return "1"; });`,
  });
  await environment.invoke("begin");
  await environment.invoke("end");
  const [line] = events(environment, "function");
  const [, second] = events(environment, "platform.start");
  expect(Date.parse(line!.time)).toBeGreaterThanOrEqual(Date.parse(second!.time));
});

test("[CAP-16, OBS-28] has all output of an invocation before the record of its end, in order", async () => {
  const environment = await open({
    bootstrap:
      'await serve(() => { for (let i = 0; i < 500; i++) require("node:fs").writeSync(1, i + "\\n"); return "1"; });',
    extensions: { follower },
  });
  const { requestId } = await environment.invoke();
  const invoked = environment.telemetry.slice(environment.telemetry.findIndex(({ type }) => type === "platform.start"));
  expect(invoked.map(({ type }) => type)).toEqual([
    "platform.start",
    ...Array.from({ length: 500 }, () => "function"),
    "platform.runtimeDone",
    "platform.report",
  ]);
  expect(lines(environment, "function")).toEqual(Array.from({ length: 500 }, (_, i) => `${i}\n`));
  expect(events(environment, "platform.report")[0]!.record.requestId).toBe(requestId);
});

test("[CAP-17] takes a line of 10 MiB, and goes on with the stream after it", async () => {
  const environment = await open({
    bootstrap: `require("node:fs").writeFileSync(1, "y".repeat(10 * 1024 * 1024) + "\\nafter\\n"); ${echo}`,
    timeoutMs: 60_000,
  });
  await environment.invoke();
  const written = lines(environment, "function");
  expect(written.at(-1)).toBe("after\n");
  expect(written.slice(0, -1).join("")).toBe(`${"y".repeat(10 * 1024 * 1024)}\n`);
});
