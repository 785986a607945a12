import { existsSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { describeSandboxDriver } from "../../../test/contract/sandbox-driver.ts";
import { freshDirectory, lives, openWorkshop, specOf } from "../../../test/contract/sandbox-programs.ts";
import type { Workshop } from "../../../test/contract/sandbox-programs.ts";
import { createProcessDriver } from "./process-driver.ts";

describeSandboxDriver(createProcessDriver(), ({ paths }) => [join(paths.opt, "..")].filter((path) => existsSync(path)));

test("says in one line what it does not isolate", () => {
  const { notice } = createProcessDriver();
  expect(notice).toMatch(/^Functions and extensions run as ordinary processes of your user: .+\.$/u);
});

test("says when its directories cannot be made", async () => {
  const file = join(freshDirectory(), "file");
  await writeFile(file, "");
  const driver = createProcessDriver({ workDirectory: file });
  await expect(driver.create(specOf())).rejects.toMatchObject({ code: "sandbox-directory-failed" });
});

test("works below a directory that is a link, for ids of any form", async () => {
  const link = join(freshDirectory(), "link");
  await symlink(freshDirectory(), link);
  const driver = createProcessDriver({ workDirectory: link });
  const workshop = await openWorkshop(driver, { id: `arn:aws:lambda/${"x".repeat(300)}` });
  onTestFinished(async () => workshop.sandbox.destroy());
  const relatives = await workshop.start("family.mjs", ["exit"]);
  await relatives.exited;
  const pids = Object.values(JSON.parse(await relatives.until(/\{.*\}/u)) as Readonly<Record<string, number>>);
  expect(pids.filter(lives)).toHaveLength(3);
  await workshop.sandbox.destroy();
  expect(pids.filter(lives)).toEqual([]);
});

test("says when no port can be opened", async () => {
  const { sandbox } = await openWorkshop(createProcessDriver());
  onTestFinished(async () => sandbox.destroy());
  const server = createServer();
  await sandbox.listen(server);
  await expect(sandbox.listen(server)).rejects.toMatchObject({ code: "sandbox-listen-failed" });
});

describe("without mkfifo", () => {
  const driver = createProcessDriver({ mkfifo: undefined });
  const open: Workshop[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async ({ sandbox }) => sandbox.destroy()));
  });
  const openHere = async (): Promise<Workshop> => {
    const workshop = await openWorkshop(driver);
    open.push(workshop);
    return workshop;
  };

  test("says that scripts cannot open their outputs by name", () => {
    expect(driver.notice).toContain("/dev/stderr");
    expect(createProcessDriver().notice).not.toContain("/dev/stderr");
  });

  test("loses nothing of a flood, and says of each stream that it ended", async () => {
    const workshop = await openHere();
    let bytes = 0;
    const program = await workshop.start("flood-stdout.mjs", ["1000000"], {
      onOutput: (_, piece) => (bytes += piece.length),
    });
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(bytes).toBe(10_000_000);
    expect(program.ended.toSorted()).toEqual(["stderr", "stdout"]);
  });

  test("gives a log descriptor", async () => {
    const program = await (await openHere()).start("write-to-log-descriptor.mjs", [], { logDescriptor: true });
    await program.exited;
    expect(program.text("log")).toHaveLength(4);
  });

  test("does not wait for a daemon that holds the pipes", async () => {
    const program = await (await openHere()).start("leave-writer-behind");
    expect(await program.exited).toMatchObject({ code: 3 });
    expect(program.text()).toContain("behind is");
  });
});
