/** The network of an environment, its limits, and whose rights it needs. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { eventually, open, said, temporaryDirectory, writeCode } from "../fixtures/environments.ts";
import { echo, follower, program } from "../fixtures/programs.ts";

test("[ENV-96] shares one network: what the extension opens on 127.0.0.1 the function reaches, and cannot open again", async () => {
  const environment = await open({
    bootstrap: `
      const port = Number(require("node:fs").readFileSync(process.env.FIXTURE_PORT, "utf8"));
      const reached = await fetch("http://127.0.0.1:" + port).then((answer) => answer.text());
      const second = require("node:net").createServer();
      const code = await new Promise((resolve) => second.on("error", (error) => resolve(error.code)).listen(port, "127.0.0.1", () => resolve("opened")));
      await serve(() => JSON.stringify({ reached, code }));
    `,
    extensions: {
      opener: `
        const server = require("node:http").createServer((request, response) => response.end("reached"));
        await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
        require("node:fs").writeFileSync(process.env.FIXTURE_PORT, String(server.address().port));
        ${follower}
      `,
    },
    environmentVariables: { FIXTURE_PORT: join(writeCode({}), "port") },
  });
  expect((await environment.invoke()).payload).toEqual({ reached: "reached", code: "EADDRINUSE" });
});

test.each(["127.0.0.1", "0.0.0.0"])("[ENV-95] delivers telemetry to a listener on %s", async (address) => {
  const environment = await open({
    extensions: {
      listener: `
        const { id } = await register(["INVOKE", "SHUTDOWN"]);
        const server = require("node:http").createServer((request, response) => {
          request.resume().on("end", () => response.end());
          say({ path: request.url });
        });
        await new Promise((resolve) => server.listen(0, ${JSON.stringify(address)}, resolve));
        await call("PUT", "/2022-07-01/telemetry", {
          headers: { "Lambda-Extension-Identifier": id },
          body: JSON.stringify({
            schemaVersion: "2025-01-29",
            types: ["platform"],
            buffering: { timeoutMs: 25 },
            destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:" + server.address().port + "/here" },
          }),
        });
        await follow(id);
      `,
    },
    freeze: false,
  });
  await environment.invoke();
  await eventually(() => expect(said(environment, "extension")).toContainEqual({ path: "/here" }));
});

test("[ENV-100] lets outgoing TCP and UDP through", async () => {
  const tcp = createServer((socket) => socket.end("tcp"));
  const udp = createSocket("udp4", (_, { port, address }) => udp.send("udp", port, address));
  udp.bind(0, "127.0.0.1");
  tcp.listen(0, "127.0.0.1");
  await Promise.all([once(tcp, "listening"), once(udp, "listening")]);
  const ports = { tcp: (tcp.address() as { port: number }).port, udp: udp.address().port };
  const environment = await open({
    bootstrap: `
      const { once } = require("node:events");
      const [heard] = await once(require("node:net").connect(${ports.tcp}, "127.0.0.1"), "data");
      const socket = require("node:dgram").createSocket("udp4");
      socket.send("anybody?", ${ports.udp}, "127.0.0.1");
      const [answer] = await once(socket, "message");
      await serve(() => JSON.stringify([String(heard), String(answer)]));
    `,
  });
  expect((await environment.invoke()).payload).toEqual(["tcp", "udp"]);
  tcp.close();
  udp.close();
});

test("[ENV-93] counts descriptors that a handler leaks on in the next invocation, and raises no limit", async () => {
  const environment = await open({
    bootstrap: `
      const { openSync, readFileSync } = require("node:fs");
      await serve(() => {
        const descriptor = openSync(__filename, "r");
        const [, limit] = /^Max open files +(\\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
        return JSON.stringify({ descriptor, limit });
      });
    `,
  });
  const told = await Promise.all(Array.from({ length: 20 }, () => environment.invoke()));
  const results = told.map(({ payload }) => payload as { descriptor: number; limit: string });
  const descriptors = results.map(({ descriptor }) => descriptor);
  expect(descriptors).toEqual(descriptors.map((_, i) => descriptors[0]! + i));
  expect(new Set(results.map(({ limit }) => limit)).size).toBe(1);
});

const host = fileURLToPath(new URL("../fixtures/library-hosts/host-that-tells-its-rights.mjs", import.meta.url));
const nobody = 65_534;
/** Only root can become somebody else, and that somebody must be able to read this project. */
const canBecomeNobody = process.getuid?.() === 0 && spawnSync("cat", [host], { uid: nobody, gid: nobody }).status === 0;

test.skipIf(!canBecomeNobody)("[ENV-154] behaves the same without elevated rights", () => {
  const code = writeCode({ bootstrap: program(echo) });
  chmodSync(temporaryDirectory, 0o777);
  accessSync(join(code, "bootstrap"), constants.X_OK);
  for (const directory of [code, join(code, ".."), join(code, "../..")]) chmodSync(directory, 0o755);
  const run = (rights: { uid?: number; gid?: number }) => {
    const { stdout, stderr } = spawnSync(process.execPath, [host, code], { encoding: "utf8", ...rights });
    expect(stderr).toBe("");
    return JSON.parse(stdout) as { uid: number };
  };
  const [withRights, without] = [run({}), run({ uid: nobody, gid: nobody })];
  expect(without).toEqual({ ...withRights, uid: nobody });
});
