/** `lambdarium logs`, and what `lambdarium invoke` keeps for it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lambdarium, newDirectory, newFunction, startCommand } from "../fixtures/command-line.ts";

const talkative = (word: string): string =>
  newFunction(`await serve(({ body }) => { process.stdout.write("${word} " + body + "\\n"); return body; });`);

const invoke = (cwd: string, name: string, code: string, ...more: string[]) =>
  lambdarium(["invoke", "--function-name", name, ...more, code], { cwd });

test("shows what invoke kept, in order of time, of one function or of all", async () => {
  const cwd = newDirectory();
  await invoke(cwd, "one", talkative("first"), "--data-dir", ".lambdarium");
  // The directory is there now, so nobody needs to name it.
  await invoke(cwd, "two", talkative("second"), "--event", '{"a":1}');
  const all = await lambdarium(["logs"], { cwd });
  expect(all).toMatchObject({ code: 0, stderr: "" });
  const texts = all.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\S+Z /, ""));
  expect(texts.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual([
    "one INIT_START",
    "one START",
    "one first",
    "one END",
    "one REPORT",
    "two INIT_START",
    "two START",
    "two second",
    "two END",
    "two REPORT",
  ]);
  const { stdout } = await lambdarium(["logs", "two", "--filter", "second", "--json"], { cwd });
  expect(JSON.parse(stdout)).toEqual({
    timestamp: expect.any(Number),
    ingestionTime: expect.any(Number),
    region: "us-east-1",
    logGroup: "/aws/lambda/two",
    logStream: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    message: 'second {"a":1}\n',
  });
  // Of one function only nobody needs to read its name in each line.
  const own = await lambdarium(["logs", "two", "--filter", "second"], { cwd });
  expect(own.stdout).toMatch(/^\S+Z second \{"a":1\}\n$/);
  const future = await lambdarium(["logs", "--since", "2999-01-01"], { cwd });
  expect(future).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "No log events since 2999-01-01T00:00:00.000Z match.\n",
  });
  const unknown = await lambdarium(["logs", "tow"], { cwd });
  expect(unknown).toMatchObject({ code: 0, stdout: "" });
  expect(unknown.stderr).toMatch(
    /^No log group has the name tow\. There are one, two\.\nNo log events since \S+ match\.\n$/,
  );
});

test("without a directory .lambdarium and without --data-dir, invoke keeps nothing", async () => {
  const cwd = newDirectory();
  await invoke(cwd, "one", newFunction());
  expect(existsSync(join(cwd, ".lambdarium"))).toBe(false);
  const { code, stderr } = await lambdarium(["logs"], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: No logs, metrics or traces have been kept in \.lambdarium\.\nhint: /);
});

test("--follow shows what another process writes meanwhile, until it is interrupted", async () => {
  const cwd = newDirectory();
  mkdirSync(join(cwd, ".lambdarium"));
  await invoke(cwd, "one", talkative("before"));
  const follower = startCommand(["logs", "--follow", "--filter", "?before ?while"], { cwd });
  let shown = "";
  follower.process.stdout.on("data", (text: string) => (shown += text));
  await expect.poll(() => shown, { timeout: 20_000 }).toContain("before {}");
  await invoke(cwd, "one", talkative("while"));
  await expect.poll(() => shown, { timeout: 20_000 }).toContain("while {}");
  follower.signal("SIGINT");
  const { code, stdout } = await follower.finished;
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toHaveLength(2);
});

test("a file that is no store is an error in words, for each command that reads it", async () => {
  const cwd = newDirectory();
  mkdirSync(join(cwd, ".lambdarium"));
  writeFileSync(join(cwd, ".lambdarium/observability.db"), "nothing of ours\n".repeat(1000));
  for (const command of ["logs", "metrics", "traces"]) {
    const { code, stderr } = await lambdarium([command], { cwd });
    expect({ command, code }).toEqual({ command, code: 2 });
    expect(stderr).toMatch(
      /^error: The store of logs, metrics and traces in \.lambdarium cannot be opened: file is not a database\.\nhint: [^\n]+\n$/,
    );
  }
});

test.each([
  [["--filter", "a:b"], 2, /^error: "a:b" is no filter pattern: Invalid character\(s\) in term 'a:b'\.\nhint: /],
  [["--since", "yesterday"], 2, /it is a length of time such as 30s, 5m, 2h, 1d, 1w, or a date/],
])("%j is refused", async (options, code, message) => {
  const cwd = newDirectory();
  await invoke(cwd, "one", newFunction(), "--data-dir", ".lambdarium");
  const refused = await lambdarium(["logs", ...options], { cwd });
  expect(refused).toMatchObject({ code, stdout: "" });
  expect(refused.stderr).toMatch(message);
});
