import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestService, type TestService, zip } from "../../test/fixtures/service.ts";

let directory: string;
const opened: TestService[] = [];
const open = async (settings = {}): Promise<TestService> => {
  const service = await openTestService({ dataDir: directory, ...settings });
  opened.push(service);
  return service;
};
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "lambdarium-data-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((service) => service.close()));
  await rm(directory, { recursive: true });
});

const functions = "/2015-03-31/functions";
const closed = async (service: TestService): Promise<void> => {
  opened.splice(opened.indexOf(service), 1);
  await service.close();
};

test("[SVC-22] ends with the process what has no data directory", async () => {
  const first = await openTestService();
  await first.create("f");
  await first.close();
  const second = await openTestService();
  const { body } = await second.call(`GET ${functions}`);
  await second.close();
  expect(body).toEqual({ Functions: [] });
});

test("[SVC-22] brings a deployment that a restart interrupted to its end", async () => {
  const first = await open({ deployDelayMs: 1000 });
  await first.create("f");
  await closed(first);
  const second = await open({ deployDelayMs: 1000 });
  const state = async (): Promise<unknown> => (await second.call(`GET ${functions}/f/configuration`)).body.State;
  expect(await state()).toBe("Pending");
  second.clock.move(1000);
  expect(await state()).toBe("Active");
});

test("removes at the start what nothing names any more, and keeps what a version has", async () => {
  const first = await open();
  await first.create("f", { Publish: true });
  await first.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ second: "2" }) });
  await first.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ third: "3" }) });
  const { current } = first.plane.directory;
  const kept = ["$LATEST", "1"].map((version) => current("us-east-1", "f", version)!.codeDirectory);
  expect(await readdir(path.join(directory, "code"))).toHaveLength(6);
  await closed(first);
  await open();
  expect(await readdir(path.join(directory, "code"))).toHaveLength(4);
  expect(kept.map((code) => existsSync(code))).toEqual([true, true]);
});

test("lets one process at a time have a data directory", async () => {
  const first = await open();
  await expect(openTestService({ dataDir: directory })).rejects.toMatchObject({
    code: "data-directory-failed",
    message: expect.stringContaining("another Lambdarium uses it"),
  });
  await closed(first);
  await open();
});

test("says that a state is damaged, and leaves it as it is", async () => {
  await writeFile(path.join(directory, "service.db"), "no database".repeat(1000));
  await expect(openTestService({ dataDir: directory })).rejects.toMatchObject({
    code: "data-directory-failed",
    message: expect.stringContaining("file is not a database"),
  });
});

test("answers ServiceException when a change cannot be kept, and does not pretend that it was made", async () => {
  const service = await open();
  await service.create("f");
  // As a disk that fails: the database is gone from under it.
  await service.plane.close();
  const got = await service.call("POST /2017-03-31/tags/arn:aws:lambda:us-east-1:000000000000:function:f", {
    Tags: { a: "1" },
  });
  expect(got).toMatchObject({ status: 500, error: "ServiceException", body: { Type: "Server" } });
  expect((await service.call(`GET ${functions}/f`)).body).not.toHaveProperty("Tags");
});
