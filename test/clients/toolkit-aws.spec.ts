/** The toolkit's AWS destinations against servers that others wrote: moto for all of them, versitygw as a real S3. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Setup, writeCode } from "../fixtures/environments.ts";
import { built, type Delivered, numbered, ownLines, recordsIn, shipping } from "../fixtures/toolkit/shipping.ts";
import { describeClient } from "./installed-client.ts";
import { type LocalServer, startServer } from "./local-server.ts";

const run = promisify(execFile);
const region = "eu-north-1";
const destination = (name: string, settings: string): string =>
  `to: (await import(${built(`destinations/${name}`)})).${name}(${settings})`;

const textsOf = (records: readonly Delivered[]): string[] =>
  records.flatMap(({ type, record }) => (type === "function" && typeof record === "string" ? [record.trimEnd()] : []));

const reportsOf = (records: readonly Delivered[]): number =>
  records.filter(({ type }) => type === "platform.report").length;

describeClient("receivers", (directory) => {
  let moto: LocalServer;
  let queues: { readonly standard: string; readonly fifo: string };
  const python = join(directory, "python");
  const script = fileURLToPath(new URL("toolkit-aws.py", import.meta.url));

  const resources = async (...args: readonly string[]): Promise<ReturnType<typeof JSON.parse>> => {
    const env = {
      ...process.env,
      PYTHONPATH: python,
      AWS_ENDPOINT_URL: moto.url,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "y",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
    const options = { env, maxBuffer: 16_777_216, timeout: 60_000 };
    return JSON.parse((await run("python3", [script, ...args], options)).stdout);
  };

  beforeAll(async () => {
    const args = (port: number) => ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
    moto = await startServer({ program: "python3", args, variables: { PYTHONPATH: python } });
    queues = await resources("make");
  });
  afterAll(() => moto.kill());

  test.each([
    ["firehose", 600, "{ stream: 'lines' }", () => []],
    ["kinesis", 600, "{ stream: 'lines' }", () => []],
    ["sqs", 36, "{ queueUrl: process.env.STANDARD }", () => [queues.standard]],
    ["sqs", 36, "{ queueUrl: process.env.FIFO }", () => [queues.fifo]],
    ["s3", 600, "{ bucket: 'lines' }", () => []],
  ])(
    "takes more than one request holds from %s: %i lines with %s, once and in order",
    async (name, lines, settings, from) => {
      const it = await shipping(destination(name, settings), {
        region,
        environmentVariables: { AWS_ENDPOINT_URL: moto.url, STANDARD: queues.standard, FIFO: queues.fifo },
      });
      for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: lines / 3 });
      await it.environment.shutdown();
      const arrived = (await resources("read", name, ...from())) as readonly Delivered[];
      expect(textsOf(arrived)).toEqual(numbered(1, lines));
      expect(reportsOf(arrived)).toBe(3);
      expect(arrived[0]).toMatchObject({ id: expect.any(String), function: it.environment.functionName });
      expect(ownLines(it.environment)).toEqual([]);
    },
  );

  test.each([
    ["firehose", "{ stream: 'none' }", "ResourceNotFoundException"],
    ["kinesis", "{ stream: 'none' }", "ResourceNotFoundException"],
    ["sqs", "{ queueUrl: process.env.STANDARD + '-none' }", "QueueDoesNotExist"],
    ["s3", "{ bucket: 'none' }", "NoSuchBucket"],
  ])("has nothing that %s could deliver to with %s: all stays in the spool, and why is told", async (name, to, why) => {
    const it = await shipping(destination(name, to), {
      region,
      environmentVariables: { AWS_ENDPOINT_URL: moto.url, STANDARD: queues.standard },
    });
    await it.environment.invoke({ lines: 3 });
    await it.environment.shutdown();
    expect(ownLines(it.environment).join("\n")).toContain(why);
    expect(recordsIn(it.spool)).toBeGreaterThanOrEqual(5);
  });
});

describeClient("s3-server", (directory) => {
  const credentials = { accessKeyId: "LAMBDARIUMTEST", secretAccessKey: "opens this server", sessionToken: "" };
  const servers: LocalServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.kill())));

  /** One bucket, `lines`; every signature is checked. */
  const serve = async (data: string, port?: number): Promise<LocalServer> => {
    mkdirSync(join(data, "lines"), { recursive: true });
    const server = await startServer({
      program: join(directory, "versitygw"),
      args: (free) => ["--port", `127.0.0.1:${free}`, "--region", region, "--quiet", "posix", "--nometa", data],
      variables: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
      ...(port === undefined ? {} : { port }),
    });
    servers.push(server);
    return server;
  };

  const setup = ({ url }: LocalServer): Setup => ({
    region,
    credentials,
    environmentVariables: { AWS_ENDPOINT_URL_S3: url },
  });

  /** Names of objects begin with their time. */
  const objectsIn = (data: string): string[] =>
    readdirSync(join(data, "lines"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".gz"))
      .sort();
  const recordsOf = (data: string): Delivered[] =>
    objectsIn(data).flatMap((name) =>
      gunzipSync(readFileSync(join(data, "lines", name)))
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Delivered),
    );

  test("is killed for three invocations, then back: everything is there once and in order", async () => {
    const data = writeCode({});
    const server = await serve(data);
    const it = await shipping(destination("s3", "{ bucket: 'lines' }"), setup(server));
    await it.environment.invoke({ lines: 100 });
    await server.kill();
    for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: 100 });
    await serve(data, server.port);
    await it.environment.invoke({ lines: 100 });
    await it.environment.shutdown();
    expect(textsOf(recordsOf(data))).toEqual(numbered(1, 500));
    expect(reportsOf(recordsOf(data))).toBe(5);
  });

  test("takes the signature of a key with every kind of sign in it", async () => {
    const data = writeCode({});
    const key = "{ bucket: 'lines', key: ({ id, extension }) => `a b+c$(1)!~'*=@&ü,;:/${id}${extension}` }";
    const it = await shipping(destination("s3", key), setup(await serve(data)));
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(objectsIn(data)[0]).toMatch(/^a b\+c\$\(1\)!~'\*=@&ü,;:\//);
    expect(textsOf(recordsOf(data))).toEqual(["line 1"]);
    expect(ownLines(it.environment)).toEqual([]);
  });

  test("refuses another key: all stays in the spool, and why is told", async () => {
    const data = writeCode({});
    const it = await shipping(destination("s3", "{ bucket: 'lines' }"), {
      ...setup(await serve(data)),
      credentials: { ...credentials, secretAccessKey: "another" },
    });
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(objectsIn(data)).toEqual([]);
    expect(ownLines(it.environment).join("\n")).toContain("SignatureDoesNotMatch");
    expect(existsSync(it.spool)).toBe(true);
  });
});
