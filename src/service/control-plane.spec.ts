import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestService, smallFunction, type TestService, zip } from "../../test/fixtures/service.ts";

let directory: string;
const opened: TestService[] = [];
const open = async (settings = {}, options = {}): Promise<TestService> => {
  const service = await openTestService({ dataDir: directory, ...settings }, options);
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

/** As if everything there had been uploaded so long ago. */
async function age(byMs: number): Promise<void> {
  const time = new Date(Date.now() - byMs);
  for (const name of await readdir(path.join(directory, "code")))
    await utimes(path.join(directory, "code", name), time, time);
}

test("removes at the start what nothing names any more, and keeps what a version has", async () => {
  const first = await open();
  await first.create("f", { Publish: true });
  await first.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ second: "2" }) });
  await first.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ third: "3" }) });
  const { current } = first.plane.directory;
  const kept = ["$LATEST", "1"].map((version) => current("us-east-1", "f", version)!.codeDirectory);
  expect(await readdir(path.join(directory, "code"))).toHaveLength(6);
  await closed(first);
  await age(599_000);
  await closed(await open());
  expect(await readdir(path.join(directory, "code"))).toHaveLength(6);
  await age(601_000);
  await open();
  expect(await readdir(path.join(directory, "code"))).toHaveLength(4);
  expect(kept.map((code) => existsSync(code))).toEqual([true, true]);
});

test("removes at the start what a process left half done that was killed", async () => {
  const half = [".incoming", `.${"a".repeat(64)}-partial/file`, `${"b".repeat(64)}/file`];
  for (const name of half) {
    await mkdir(path.dirname(path.join(directory, "code", name)), { recursive: true });
    await writeFile(path.join(directory, "code", name), "half");
  }
  await open();
  expect(await readdir(path.join(directory, "code"))).toEqual([]);
});

const codeLink = async ({ call }: TestService, of = `${functions}/f`): Promise<URL> => {
  const { body } = await call(`GET ${of}`);
  return new URL((body.Code ?? body.Content).Location as string);
};

test("[SVC-38] a link to code is good after a restart on the same directory, and nowhere else", async () => {
  const first = await open();
  const { body: created } = await first.create("f");
  await first.call("POST /2018-10-31/layers/l/versions", { Content: { ZipFile: await zip({ layer: "1" }) } });
  const links = [await codeLink(first), await codeLink(first, "/2018-10-31/layers/l/versions/1")];
  await closed(first);
  const second = await open();
  const other = await openTestService();
  await other.create("f");
  const [code, layer] = await Promise.all(
    links.map(({ pathname, search }) => fetch(second.endpoint + pathname + search)),
  );
  const bytes = Buffer.from(await code!.arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("base64")).toBe(created.CodeSha256);
  expect(layer!.status).toBe(200);
  expect((await fetch(other.endpoint + links[0]!.pathname + links[0]!.search)).status).toBe(403);
  await other.close();
});

const damages = {
  "is cut short": (zipFile: string) => truncate(zipFile, 20),
  "has another byte in it": async (zipFile: string) => {
    const bytes = await readFile(zipFile);
    await writeFile(zipFile, bytes.fill(bytes[60]! ^ 1, 60, 61));
  },
  "is gone": (zipFile: string) => rm(zipFile),
};

test.each(Object.entries(damages))(
  "[SVC-150] says at the start which function has lost its code when its archive %s and its files are gone, and takes it again",
  async (_, damage) => {
    const first = await open();
    await first.create("f");
    const { codeDirectory } = first.plane.directory.current("us-east-1", "f", "$LATEST")!;
    await closed(first);
    await damage(`${codeDirectory}.zip`);
    await rm(codeDirectory, { recursive: true });
    const told: string[] = [];
    const second = await open({}, { tell: (line: string) => told.push(line) });
    expect(told).toEqual([expect.stringMatching(/^The package of function f cannot be used: .*\. Deploy it again\.$/)]);
    expect((await fetch(await codeLink(second))).status).toBe(403);
    expect(await readdir(path.join(directory, "code"))).toEqual([]);
    const { Code } = (await smallFunction()) as { Code: object };
    expect((await second.call(`PUT ${functions}/f/code`, Code)).status).toBe(200);
    expect(existsSync(path.join(codeDirectory, "index.js"))).toBe(true);
    expect((await fetch(await codeLink(second))).status).toBe(200);
  },
);

test("unpacks again what is gone of a whole archive, and says nothing", async () => {
  const first = await open();
  await first.create("f");
  const { codeDirectory } = first.plane.directory.current("us-east-1", "f", "$LATEST")!;
  await closed(first);
  await rm(codeDirectory, { recursive: true });
  const told: string[] = [];
  await open({}, { tell: (line: string) => told.push(line) });
  expect([existsSync(path.join(codeDirectory, "index.js")), told]).toEqual([true, []]);
});

test("does not hand out an archive that is not what was uploaded, and mends it when it is uploaded again", async () => {
  const service = await open();
  await service.create("f");
  const { codeDirectory } = service.plane.directory.current("us-east-1", "f", "$LATEST")!;
  await damages["has another byte in it"](`${codeDirectory}.zip`);
  await truncate(path.join(codeDirectory, "index.js"), 3);
  const got = await fetch(await codeLink(service));
  expect([got.status, await got.json()]).toEqual([
    500,
    { message: expect.stringContaining("Deploy it again") as string },
  ]);
  const { Code } = (await smallFunction()) as { Code: object };
  await service.call(`PUT ${functions}/f/code`, Code);
  expect((await fetch(await codeLink(service))).status).toBe(200);
  expect(await readFile(path.join(codeDirectory, "index.js"), "utf8")).toContain("exports.handler");
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
