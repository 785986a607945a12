/** What people have said of extensions in use, against one that is made with the toolkit. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { projectDirectory } from "../fixtures/command-line.ts";
import { eventually, open, pidOf, writeCode } from "../fixtures/environments.ts";
import {
  type Delivered,
  exits,
  extensionFile,
  newSink,
  numbered,
  ownLines,
  shipperName,
  shipping,
} from "../fixtures/toolkit/shipping.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const leftByItself = [{ name: shipperName, exit: { code: 0, signal: null } }];

test("what an invocation wrote is there before the next one comes, its runtimeDone included", async () => {
  const it = await shipping();
  const { requestId } = await it.environment.invoke({ lines: 2 });
  await eventually(() => {
    expect(it.lines()).toEqual(numbered(1, 2));
    expect(it.delivered()).toContainEqual(
      expect.objectContaining({ type: "platform.runtimeDone", record: expect.objectContaining({ requestId }) }),
    );
  });
});

test("log format JSON: lines come as the objects they are, none is missing, and the extension leaves", async () => {
  const { sink, url } = await newSink();
  const arrived: Delivered[] = [];
  sink.onTaken = ({ body }) => void arrived.push(...(JSON.parse(body.toString()) as Delivered[]));
  const environment = await open({
    logFormat: "JSON",
    files: {
      "index.mjs": `export const handler = async () => {
        console.log("a text");
        console.error({ an: "object" });
        process.stdout.write("{\\"level\\":\\"WARN\\",\\"message\\":\\"by hand\\"}\\n");
      };`,
    },
    runtime: "nodejs22.x",
    extensionPaths: [extensionFile(shipperName, `defineExtension({ deliver: { to: webhook({ url: "${url}" }) } });`)],
  });
  const { requestId } = await environment.invoke();
  await environment.shutdown();
  expect(arrived.filter(({ type }) => type === "function").map(({ record }) => record)).toEqual([
    expect.objectContaining({ level: "INFO", message: "a text", requestId }),
    expect.objectContaining({ level: "ERROR", message: { an: "object" }, requestId }),
    expect.objectContaining({ level: "WARN", message: "by hand" }),
  ]);
  expect(environment.snapshot.extensions).toMatchObject([{ state: "Exited", exit: { code: 0 } }]);
});

test("nothing of an extension's life goes through fetch, which gives up a long poll after 300 s", async () => {
  const { sink, url } = await newSink();
  const environment = await open({
    extensionPaths: [
      extensionFile(
        shipperName,
        `globalThis.fetch = () => { throw new Error("fetch was called"); };
         defineExtension({ deliver: { to: webhook({ url: "${url}" }), strategy: "end" } });`,
      ),
    ],
  });
  await environment.invoke();
  await environment.shutdown();
  expect(sink.received.length).toBeGreaterThan(0);
  expect(ownLines(environment)).toEqual([]);
  expect(exits(environment)).toEqual(leftByItself);
});

test("NATS without its client: the destination says which package is missing, and keeps everything", () => {
  const elsewhere = writeCode({ "package.json": '{ "type": "module" }' });
  cpSync(join(projectDirectory, "dist/toolkit"), elsewhere, { recursive: true });
  const program = `
    import { nats } from "./destinations/nats.js";
    const { signal } = new AbortController();
    console.log(JSON.stringify(await nats({ servers: "127.0.0.1:1", subject: "x" }).send({ items: [], signal })));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: elsewhere });
  const reason = "the package @nats-io/transport-node is missing: install it, and bundle it";
  expect(JSON.parse(said.toString())).toEqual({ kind: "closed", reason });
});

test("a connection that died in the freeze without a word is not waited for: the next invocation's records go by another", async () => {
  const { sink, url } = await newSink();
  const way = await passage(Number(new URL(url).port));
  const through = await shipping(`to: webhook({ url: "http://127.0.0.1:${way.port}/" }), requestTimeoutMs: 60_000`);
  const taken: string[] = [];
  sink.onTaken = ({ body }) => {
    const lines = (JSON.parse(body.toString()) as Delivered[]).filter(({ type }) => type === "function");
    taken.push(...lines.map(({ record }) => (record as string).trimEnd()));
  };
  await through.environment.invoke();
  await eventually(() => expect(taken).toEqual(numbered(1, 1)));
  await through.environment.freeze();
  way.forgetConnections();
  // Long enough to have been a freeze for whoever reads the clock after it.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await through.environment.invoke();
  await eventually(() => expect(taken).toEqual(numbered(1, 2)));
  await through.environment.shutdown();
  expect(ownLines(through.environment)).toEqual([]);
});

test("a destination that is slower than the function for ten seconds: the extension stays small, and every record is accounted for", async () => {
  const it = await shipping(
    `strategy: "continuous", intervalMs: 0, maxMemoryBytes: 1_000_000,
     spool: { directory: process.env.SPOOL, maxBytes: 3_000_000 }`,
    { timeoutMs: 60_000 },
  );
  it.sink.answer = (_, response) => void setTimeout(() => response.end(), 300);
  await it.environment.invoke();
  const before = peakOf(pidOf(it.environment, shipperName));
  const until = Date.now() + 10_000;
  while (Date.now() < until) await it.environment.invoke({ lines: 1000, pad: "x".repeat(400) });
  const grown = peakOf(pidOf(it.environment, shipperName)) - before;
  it.sink.answer = (_, response) => void response.end();
  await it.environment.invoke();
  await it.environment.invoke();
  await it.environment.shutdown();
  const delivered = it.delivered();
  const drops = delivered.filter(({ type }) => type === "toolkit.recordsDropped");
  const dropped = drops.reduce((sum, { record }) => sum + (record as { droppedRecords: number }).droppedRecords, 0);
  const produced = it.environment.subscriptions[0]!.delivered.events;
  expect(delivered.length - drops.length + dropped).toBe(produced);
  expect(produced).toBeGreaterThan(3000);
  expect(grown).toBeLessThan(150_000);
});

/** The most kilobytes a process ever had. */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);

/** Passes connections on to a port, until it forgets those it has: nobody is told. */
async function passage(to: number): Promise<{ readonly port: number; readonly forgetConnections: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect(to, "127.0.0.1");
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.pipe(onward).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    forgetConnections: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
