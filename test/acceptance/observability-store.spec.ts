/** The store of logs, metrics and traces when things go wrong around it: kill -9, a full disk, a damaged file. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { open, writeCode } from "../fixtures/environments.ts";
import { echo, program } from "../fixtures/programs.ts";
import { openStoredLogs } from "../../dist/service/stored-logs.js";

const host = fileURLToPath(new URL("../fixtures/library-hosts/host-that-keeps-logs.mjs", import.meta.url));
const talkative = "await serve(({ body }) => { process.stdout.write(`invoked with ${body}\\n`); return body; });";

async function stored(directory: string, pattern = "") {
  const logs = await openStoredLogs(directory);
  const events = [];
  for await (const event of logs.read({ since: 0, pattern })) events.push(event);
  await logs.close();
  return events;
}

interface Told {
  readonly invocations: number;
  readonly at: number;
}

test("a host killed by SIGKILL loses at most its last second, damages nothing, and the next start says so", async () => {
  const directory = join(writeCode({}), "data");
  const child = spawn(process.execPath, [host, writeCode({ bootstrap: program(talkative) }), directory, "1000000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told: Told[] = [];
  const gone = new Promise((resolve) => child.once("close", resolve));
  createInterface({ input: child.stdout }).on("line", (line) => told.push(JSON.parse(line) as Told));
  const lastedMs = () => Math.max(...told.map(({ at }) => at)) - Math.min(...told.map(({ at }) => at));
  await vi.waitUntil(() => Math.min(told.length / 50, lastedMs() / 3000) > 1, { timeout: 50_000 });
  child.kill("SIGKILL");
  await gone;
  const lastAt = told.at(-1)!.at;
  const settled = told.filter(({ at }) => at < lastAt - 1000).length;
  expect(settled).toBeGreaterThan(10);
  const reports = await stored(directory, "REPORT");
  expect(reports.length).toBeGreaterThanOrEqual(settled);
  const numbers = (await stored(directory, "invoked")).map(({ message }) => Number(/\d+/.exec(message)?.[0]));
  expect(numbers).toEqual(numbers.map((_, at) => at));

  const next = await open({ dataDirectory: directory });
  expect(next.notices.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(
      /^The run that began at .+Z was killed before it closed its store: what was written in its last second may be missing/,
    ),
  );
  await next.shutdown();
  const calm = await open({ dataDirectory: directory });
  expect(calm.notices.map(({ text }) => text).filter((text) => text.includes("was killed"))).toEqual([]);
});

/** Whether this user may mount in a namespace of its own: as root, or where user namespaces are allowed. */
const mounting = ["-rm", "-m"].find(
  (flags) => spawnSync("unshare", [flags, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
);

// Skipped where nobody may mount: a full disk cannot be had without one.
test.skipIf(mounting === undefined)("on a full disk invocations go on, and the notice says what is not kept", () => {
  const full = writeCode({});
  const code = writeCode({
    bootstrap: program('await serve(() => { process.stdout.write("x".repeat(50_000) + "\\n"); return "1"; });'),
  });
  const script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$4" "$1" 60';
  const { stdout } = spawnSync("unshare", [mounting!, "sh", "-c", script, "sh", full, process.execPath, host, code], {
    encoding: "utf8",
  });
  const ended = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { invocations: number; notices: string[] };
  expect(ended.invocations).toBe(60);
  expect(ended.notices).toContainEqual(
    "Logs, metrics and traces are not being kept: the disk is full. Invocations go on; what is lost is counted.",
  );
});

test("a file that is no store is refused before anything is started, and left as it is", async () => {
  const directory = writeCode({ "observability.db": "this is no database, it is a text of some length\n".repeat(100) });
  await expect(open({ dataDirectory: directory })).rejects.toMatchObject({ code: "store-unusable" });
  expect(readFileSync(join(directory, "observability.db"), "utf8")).toMatch(/^this is no database/);
});

test("a directory that cannot be made is refused before anything is started", async () => {
  const directory = writeCode({ file: "" });
  await expect(open({ dataDirectory: join(directory, "file", "data") })).rejects.toMatchObject({
    code: "store-unusable",
  });
});

test("two hosts keep their logs in one directory at the same time", async () => {
  const dataDirectory = join(writeCode({}), "data");
  const environments = await Promise.all(
    ["one", "two"].map((functionName) => open({ bootstrap: echo, dataDirectory, functionName })),
  );
  for (let round = 0; round < 10; round++) await Promise.all(environments.map((environment) => environment.invoke({})));
  await Promise.all(environments.map((environment) => environment.shutdown()));
  const reports = await stored(dataDirectory, "REPORT");
  expect(reports.filter(({ logGroup }) => logGroup === "/aws/lambda/one")).toHaveLength(10);
  expect(reports.filter(({ logGroup }) => logGroup === "/aws/lambda/two")).toHaveLength(10);
});

test("without a directory nothing is written", async () => {
  const place = join(writeCode({}), "nothing");
  mkdirSync(place);
  const environment = await open({ bootstrap: echo });
  await environment.invoke({});
  await environment.shutdown();
  expect(existsSync(join(place, "observability.db"))).toBe(false);
  writeFileSync(join(place, "checked"), "");
});
