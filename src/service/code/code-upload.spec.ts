import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { missingRuntime } from "../../host/missing-runtime.ts";
import type { FunctionVersion } from "../functions/function-version.ts";
import { openObjectStore } from "../../../test/fixtures/object-store.ts";
import { openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
let app: string;
beforeEach(async () => {
  service = await openTestService();
  app = await realpath(await mkdtemp(path.join(tmpdir(), "lambdarium app ü-")));
  await writeFile(path.join(app, "index.js"), "exports.handler = async () => 1;");
});
afterEach(async () => {
  await service.close();
  await rm(app, { recursive: true, force: true });
});

const functions = "/2015-03-31/functions";
const live = (key: string): object => ({ Code: { S3Bucket: "local-dir", S3Key: key } });
const deployed = (name = "f", version = "$LATEST"): FunctionVersion =>
  service.plane.directory.current("us-east-1", name, version)!;
const sha256 = async (name = "f", query = ""): Promise<string> =>
  (await service.call(`GET ${functions}/${name}/configuration${query}`)).body.CodeSha256 as string;
const refusal = (text: string): object => ({
  status: 400,
  error: "InvalidParameterValueException",
  body: { message: expect.stringContaining(text) },
});

test("[SVC-47] takes an archive for creation, update and layers", async () => {
  const ZipFile = await zip({ "a/b.js": "1" });
  const hash = createHash("sha256").update(Buffer.from(ZipFile, "base64")).digest("base64");
  expect((await service.create("f", { Code: { ZipFile } })).body.CodeSha256).toBe(hash);
  expect(await readFile(path.join(deployed().codeDirectory, "a/b.js"), "utf8")).toBe("1");
  const other = await zip({ "c.js": "2" });
  await service.call(`PUT ${functions}/f/code`, { ZipFile: other });
  expect(await readFile(path.join(deployed().codeDirectory, "c.js"), "utf8")).toBe("2");
  const layer = await service.call("POST /2018-10-31/layers/l/versions", { Content: { ZipFile } });
  expect(layer.body.Content.CodeSha256).toBe(hash);
});

/** Archives that nothing may come of, with what is said of each. */
const unsafe = "Could not unzip uploaded file. Please check your file, then try to upload again.";
const corrupt: Readonly<Record<string, { archive: () => Promise<string>; said: string }>> = {
  "bytes that are no archive": { archive: async () => Buffer.from("no zip at all").toString("base64"), said: unsafe },
  "half an archive": {
    archive: async () => (await zip({ "index.js": "x".repeat(5000) })).slice(0, 100),
    said: unsafe,
  },
  "an archive whose content is damaged": {
    // Bytes of the deflated content.
    archive: () => changed({ "index.js": "one two three ".repeat(50) }, (bytes) => bytes.fill(0x55, 42, 50)),
    said: unsafe,
  },
  "an archive whose checksum is another": {
    archive: () =>
      changed({ "index.js": "x" }, (bytes) => {
        const checksum = bytes.indexOf("PK\u0001\u0002") + 16;
        return bytes.fill(0x55, checksum, checksum + 4);
      }),
    said: unsafe,
  },
  "an archive that holds more than it says": {
    archive: () =>
      changed({ "index.js": "0".repeat(1_000_000) }, (bytes) => {
        bytes.writeUInt32LE(10, bytes.indexOf("PK\u0001\u0002") + 24);
        return bytes;
      }),
    said: unsafe,
  },
  "an archive that says it holds too much": {
    archive: () =>
      changed({ "index.js": "0" }, (bytes) => {
        bytes.writeUInt32LE(262_144_001, bytes.indexOf("PK\u0001\u0002") + 24);
        return bytes;
      }),
    said: "Unzipped size must be smaller than 262144000 bytes",
  },
  "a path outside": { archive: () => renamed("xx/outside", "../outside"), said: unsafe },
  "an absolute path": { archive: () => renamed("xabsolute", "/absolute"), said: unsafe },
  "a link that leads outside": {
    archive: () => zip({ link: { content: "../../outside", mode: 0o120_777 } }),
    said: unsafe,
  },
  "an absolute link": { archive: () => zip({ link: { content: "/etc/passwd", mode: 0o120_777 } }), said: unsafe },
  "a file below a link": {
    archive: () => zip({ link: { content: "real", mode: 0o120_777 }, "real/a": "1", "link/b": "2" }),
    said: unsafe,
  },
};

test.each(Object.entries(corrupt))(
  "[SVC-48] [SVC-50] refuses %s for creation, update and layers, and keeps nothing of it",
  async (_, { archive, said }) => {
    await service.create("there");
    const before = [await sha256("there"), await readdir(path.dirname(deployed("there").codeDirectory))];
    const ZipFile = await archive();
    for (const got of [
      await service.create("f", { Code: { ZipFile } }),
      await service.call(`PUT ${functions}/there/code`, { ZipFile }),
      await service.call("POST /2018-10-31/layers/l/versions", { Content: { ZipFile } }),
    ])
      expect(got).toMatchObject(refusal(said));
    expect((await service.call(`GET ${functions}/f`)).status).toBe(404);
    expect((await service.call("GET /2018-10-31/layers")).body).toEqual({ Layers: [] });
    expect([await sha256("there"), await readdir(path.dirname(deployed("there").codeDirectory))]).toEqual(before);
  },
);

const changed = async (files: Record<string, string>, change: (bytes: Buffer) => Buffer): Promise<string> =>
  change(Buffer.from(await zip(files), "base64")).toString("base64");

/** yazl writes no such names. */
const renamed = async (from: string, to: string): Promise<string> =>
  Buffer.from((await raw({ [from]: "1" })).replaceAll(from, to), "latin1").toString("base64");

const raw = async (files: Record<string, string>): Promise<string> =>
  Buffer.from(await zip(files), "base64").toString("latin1");

test("[SVC-49] answers 413 for an archive that is too large to be uploaded", async () => {
  const ZipFile = Buffer.alloc(52_428_801).toString("base64");
  expect(await service.create("f", { Code: { ZipFile } })).toMatchObject({
    status: 413,
    error: "RequestEntityTooLargeException",
    body: { Message: "Zipped size must be smaller than 52428800 bytes" },
  });
});

test("[SVC-51] keeps execute bits and relative links", async () => {
  const ZipFile = await zip({
    bootstrap: { content: "#!/bin/sh", mode: 0o100_755 },
    link: { content: "bootstrap", mode: 0o120_777 },
  });
  await service.create("f", { Code: { ZipFile } });
  const { codeDirectory } = deployed();
  expect((await stat(path.join(codeDirectory, "bootstrap"))).mode & 0o777).toBe(0o755);
  expect(await realpath(path.join(codeDirectory, "link"))).toBe(await realpath(path.join(codeDirectory, "bootstrap")));
});

test.each([
  ["none", {}],
  ["an archive and an object", { ZipFile: "UEs=", S3Bucket: "local-dir", S3Key: "/tmp" }],
  ["an archive and an image", { ZipFile: "UEs=", ImageUri: "x" }],
  ["a bucket without a key", { S3Bucket: "local-dir" }],
])("[SVC-52] refuses %s as source", async (_, source) => {
  await service.create("f");
  for (const got of [
    await service.create("g", { Code: source }),
    await service.call(`PUT ${functions}/f/code`, source),
  ])
    expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
});

test("[SVC-53, SVC-54] takes a directory as an absolute path and as a file URI, for functions and layers", async () => {
  for (const [index, key] of [app, pathToFileURL(app).href].entries()) {
    expect((await service.create(`f-${index}`, live(key))).status).toBe(201);
    expect(deployed(`f-${index}`).codeDirectory).toBe(app);
    const layer = { Content: { S3Bucket: "local-dir", S3Key: key } };
    expect((await service.call("POST /2018-10-31/layers/l/versions", layer)).status).toBe(201);
  }
  await service.create("f");
  expect((await service.call(`PUT ${functions}/f/code`, { S3Bucket: "local-dir", S3Key: app })).status).toBe(200);
  expect(deployed().codeDirectory).toBe(app);
});

test.each([
  ["a relative path", "app"],
  ["a URI with a host", "file://host/app"],
  ["a path that is not there", "/no/such/directory"],
  ["a URI that is not there", "file:///no/such/directory"],
])("[SVC-55] refuses %s, quoting it", async (_, key) => {
  expect(await service.create("f", live(key))).toMatchObject(refusal(key.replace("file:///", "/")));
});

test("[SVC-55] refuses a file that is no directory", async () => {
  expect(await service.create("f", live(path.join(app, "index.js")))).toMatchObject(
    refusal(path.join(app, "index.js")),
  );
});

test("[SVC-56] reads the directory itself for $LATEST, and a copy for what is published", async () => {
  await service.create("f", live(app));
  const { body } = await service.call(`POST ${functions}/f/versions`);
  await writeFile(path.join(app, "index.js"), "changed");
  expect(deployed().codeDirectory).toBe(app);
  const copy = deployed("f", "1").codeDirectory;
  expect(copy).not.toBe(app);
  expect(await readFile(path.join(copy, "index.js"), "utf8")).toBe("exports.handler = async () => 1;");
  expect(await sha256("f", "?Qualifier=1")).toBe(body.CodeSha256);
  const second = await service.call(`POST ${functions}/f/versions`);
  expect(second.body.Version).toBe("2");
  expect(await readFile(path.join(deployed("f", "2").codeDirectory, "index.js"), "utf8")).toBe("changed");
});

test("[SVC-56] copies the directory for Publish too", async () => {
  const { body } = await service.create("f", { ...live(app), Publish: true });
  expect(body.Version).toBe("1");
  await writeFile(path.join(app, "index.js"), "changed");
  expect(await readFile(path.join(deployed("f", "1").codeDirectory, "index.js"), "utf8")).toContain("exports");
  const updated = await service.call(`PUT ${functions}/f/code`, { S3Bucket: "local-dir", S3Key: app, Publish: true });
  expect(updated.body.Version).toBe("2");
  expect(await readFile(path.join(deployed("f", "2").codeDirectory, "index.js"), "utf8")).toBe("changed");
});

test("[SVC-57] hashes the directory whenever it is asked, by content and not by time", async () => {
  await mkdir(path.join(app, "empty"));
  await symlink("index.js", path.join(app, "link"));
  await service.create("f", live(app));
  const first = await sha256();
  expect(await sha256()).toBe(first);
  const content = await readFile(path.join(app, "index.js"));
  await writeFile(path.join(app, "index.js"), "exports.handler = async () => 2;");
  const second = await sha256();
  expect(second).not.toBe(first);
  await writeFile(path.join(app, "index.js"), content);
  expect(await sha256()).toBe(first);
  await chmod(path.join(app, "index.js"), 0o755);
  expect(await sha256()).not.toBe(first);
});

test("[SVC-57] serves the archive that the hash is of, and unpacks to the same files", async () => {
  await writeFile(path.join(app, "ü.txt"), "name");
  await service.create("f", live(app));
  const { Code, Configuration } = (await service.call(`GET ${functions}/f`)).body;
  const bytes = Buffer.from(await (await fetch(Code.Location)).arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("base64")).toBe(Configuration.CodeSha256);
  expect(Configuration.CodeSize).toBe(bytes.byteLength);
  await service.create("g", { Code: { ZipFile: bytes.toString("base64") } });
  expect(await readFile(path.join(deployed("g").codeDirectory, "ü.txt"), "utf8")).toBe("name");
});

test("[SVC-58] leaves out what tools leave behind", async () => {
  await service.create("f", live(app));
  const before = await sha256();
  for (const litter of [".git", ".lambdarium", "node_modules/.cache", "packages/a/node_modules/.cache"]) {
    await mkdir(path.join(app, litter), { recursive: true });
    await writeFile(path.join(app, litter, "file"), "x");
  }
  await rm(path.join(app, "packages"), { recursive: true });
  await rm(path.join(app, "node_modules/.cache"), { recursive: true });
  await rm(path.join(app, "node_modules"), { recursive: true });
  expect(await sha256()).toBe(before);
  await mkdir(path.join(app, "node_modules"));
  const withModules = await sha256();
  await mkdir(path.join(app, "node_modules/.cache"));
  expect(await sha256()).toBe(withModules);
});

test("[SVC-58] refuses a directory that is too large", async () => {
  const { truncate } = await import("node:fs/promises");
  await writeFile(path.join(app, "large"), "");
  await truncate(path.join(app, "large"), 262_144_001);
  expect(await service.create("f", live(app))).toMatchObject(refusal("262144000"));
});

test("[SVC-59] refuses other buckets while there is no store to read from, and says what to do", async () => {
  const got = await service.create("f", { Code: { S3Bucket: "my-bucket", S3Key: "f.zip" } });
  expect(got).toMatchObject(refusal("S3 sources are not configured"));
  expect(got.body.message).toContain("s3Endpoint");
  expect(got.body.message).toContain("local-dir");
});

test("[SVC-60] reads an object once from the store that is configured", async () => {
  const archive = Buffer.from(await zip({ "index.js": "from the store" }), "base64");
  const store = await openObjectStore({ "/my-bucket/a%20b/f.zip?versionId=v1": archive });
  const other = await openTestService({ s3Endpoint: store.endpoint });
  const Code = { S3Bucket: "my-bucket", S3Key: "a b/f.zip", S3ObjectVersion: "v1", S3ObjectStorageMode: "COPY" };
  const created = await other.create("f", { Code });
  const noKey = await other.create("g", { Code: { S3Bucket: "my-bucket", S3Key: "none" } });
  const noBucket = await other.create("g", { Code: { S3Bucket: "none", S3Key: "none" } });
  const { CodeSha256 } = (await other.call(`GET ${functions}/f/configuration`)).body;
  await other.close();
  await store.close();
  expect(created.status).toBe(201);
  expect(CodeSha256).toBe(createHash("sha256").update(archive).digest("base64"));
  expect(store.asked[0]).toBe("GET /my-bucket/a%20b/f.zip?versionId=v1");
  expect(store.asked).toHaveLength(3);
  const failed = "Error occurred while GetObject. S3 Error Code:";
  expect(noKey).toMatchObject(refusal(`${failed} NoSuchKey. S3 Error Message: Not here.`));
  expect(noBucket).toMatchObject(refusal(`${failed} NoSuchBucket. S3 Error Message: Not here.`));
});

test("says that the store does not answer", async () => {
  const other = await openTestService({ s3Endpoint: "http://127.0.0.1:1" });
  const got = await other.create("f", { Code: { S3Bucket: "my-bucket", S3Key: "f.zip" } });
  await other.close();
  expect(got).toMatchObject(refusal("The S3 endpoint http://127.0.0.1:1 does not answer"));
});

test("[SVC-61] copies objects, and does not refer to them", async () => {
  const Code = { S3Bucket: "local-dir", S3Key: app, S3ObjectStorageMode: "REFERENCE" };
  expect(await service.create("f", { Code })).toMatchObject(refusal("REFERENCE"));
  expect((await service.create("f", { Code: { ...Code, S3ObjectStorageMode: "COPY" } })).status).toBe(201);
});

test("[SVC-62] looks for the program of a runtime on this machine", async () => {
  const other = await openTestService({}, { missingRuntime });
  await other.create("f");
  await other.create("g", { Runtime: "java21" });
  const [f, g] = [
    await other.call(`GET ${functions}/f/configuration`),
    await other.call(`GET ${functions}/g/configuration`),
  ];
  await other.close();
  expect(f.body.State).toBe("Active");
  expect(g.body).toMatchObject({ State: "Failed", StateReasonCode: "InvalidRuntime" });
  expect(g.body.StateReason).toContain("java21");
});

test("[SVC-77] counts code and layers together", async () => {
  const { truncate } = await import("node:fs/promises");
  await writeFile(path.join(app, "large"), "");
  await truncate(path.join(app, "large"), 131_072_000);
  const layer = await service.call("POST /2018-10-31/layers/l/versions", {
    Content: { S3Bucket: "local-dir", S3Key: app },
  });
  expect(await service.create("f", { ...live(app), Layers: [layer.body.LayerVersionArn] })).toMatchObject(
    refusal("262144000"),
  );
});

test("removes everything it unpacked when it is closed without a data directory", async () => {
  const other = await openTestService();
  await other.create("f");
  const { codeDirectory } = other.plane.directory.current("us-east-1", "f", "$LATEST")!;
  expect(existsSync(codeDirectory)).toBe(true);
  await other.close();
  expect(existsSync(codeDirectory)).toBe(false);
});
