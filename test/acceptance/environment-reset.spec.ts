/** What survives a reset and what does not. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, open, pidOf, said, writeCode } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";
import { isAlive, processesOf } from "../fixtures/traces.ts";

/** Ends when it is told to, and otherwise answers with what `told` gives. */
const mortal = (told: string): string =>
  `await serve(({ body }) => { if (body === '"die"') process.exit(1); return JSON.stringify(${told}); });`;

test("[LIFE-71, OBS-06] keeps /tmp, the log stream and the environment variables over a reset", async () => {
  const environment = await open({
    bootstrap: `
      const { existsSync, writeFileSync } = require("node:fs");
      const file = process.env.FIXTURE_DIRECTORY + "/seen";
      const seen = existsSync(file);
      writeFileSync(file, "");
      ${mortal("{ seen, env: process.env }")}
    `,
    environmentVariables: { FIXTURE_DIRECTORY: writeCode({}) },
    functionName: "kept",
  });
  const before = (await environment.invoke()).payload as { seen: boolean; env: Record<string, string> };
  await environment.invoke("die");
  const after = (await environment.invoke()).payload as typeof before;
  expect([before.seen, after.seen]).toEqual([false, true]);
  expect(after.env).toEqual(before.env);
  expect(after.env["AWS_LAMBDA_LOG_STREAM_NAME"]).toBe(environment.logs.stream);
  const another = await open({ bootstrap: mortal("1"), functionName: "kept" });
  expect(another.logs.group).toBe(environment.logs.group);
  expect(another.logs.stream).not.toBe(environment.logs.stream);
});

test("[LIFE-71] keeps the subscription of an extension that does not subscribe again", async () => {
  const marker = join(writeCode({}), "subscribed");
  const environment = await open({
    bootstrap: mortal("1"),
    extensions: {
      listener: `
        const { existsSync, readFileSync, writeFileSync } = require("node:fs");
        const marker = ${JSON.stringify(marker)};
        const again = existsSync(marker);
        const server = require("node:http").createServer((request, response) => {
          request.setEncoding("utf8");
          let text = "";
          request.on("data", (piece) => (text += piece));
          request.on("end", () => {
            response.end();
            const types = JSON.parse(text).map(({ type }) => type);
            say({ again, types });
          });
        });
        const port = again ? Number(readFileSync(marker, "utf8")) : 0;
        await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
        const { id } = await register(["INVOKE", "SHUTDOWN"]);
        if (!again) {
          writeFileSync(marker, String(server.address().port));
          await call("PUT", "/2022-07-01/telemetry", {
            headers: { "Lambda-Extension-Identifier": id, "Content-Type": "application/json" },
            body: JSON.stringify({
              schemaVersion: "2025-01-29",
              types: ["platform"],
              buffering: { maxItems: 1000, maxBytes: 262144, timeoutMs: 25 },
              destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:" + server.address().port },
            }),
          });
        }
        await follow(id);
      `,
    },
  });
  await environment.invoke();
  await environment.invoke("die");
  await environment.invoke();
  await environment.shutdown();
  const received = said<{ again: boolean; types: string[] }>(environment, "extension");
  expect(received.filter(({ again }) => again).flatMap(({ types }) => types)).toContain("platform.report");
});

test("[LIFE-72, LIFE-109] starts everything else anew, also after a reset by the developer", async () => {
  const environment = await open({
    bootstrap: `let count = 0; ${mortal("++count")}`,
    extensions: { follower },
  });
  const counts = [await environment.invoke(), await environment.invoke()].map(({ payload }) => payload);
  const before = [pidOf(environment, "runtime"), pidOf(environment, "follower")];
  environment.reset();
  await eventually(() => expect(environment.snapshot.phase).toBe("empty"));
  expect(before.map(isAlive)).toEqual([false, false]);
  counts.push((await environment.invoke()).payload);
  expect(counts).toEqual([1, 2, 1]);
  expect(environment.snapshot.generation).toBe(2);
  expect([pidOf(environment, "runtime"), pidOf(environment, "follower")]).not.toEqual(before);
});

test("[EXT-16, EXT-17] gives an extension a new identifier after a reset, and does not know the old one", async () => {
  const file = join(writeCode({}), "identifier");
  const environment = await open({
    bootstrap: mortal("1"),
    extensions: {
      remembering: `
        const { existsSync, readFileSync, writeFileSync } = require("node:fs");
        const file = ${JSON.stringify(file)};
        const { id } = await register(["INVOKE"]);
        if (existsSync(file)) {
          const old = readFileSync(file, "utf8");
          say({ id, old, answer: await event(old) });
        }
        writeFileSync(file, id);
        await follow(id);
      `,
    },
  });
  await environment.invoke("die");
  await environment.invoke();
  const [told] = said<{ id: string; old: string; answer: { status: number; body: string } }>(environment, "extension");
  expect(told!.id).not.toBe(told!.old);
  expect(told!.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(told!.answer).toMatchObject({
    status: 403,
    body: `{"errorMessage":"Unknown extension ${told!.old}","errorType":"Extension.UnknownExtensionIdentifier"}\n`,
  });
});

test("[LIFE-74] ends daemons too that left their process group and session", async () => {
  const environment = await open({
    bootstrap: `
      const { spawn } = require("node:child_process");
      const daemon = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
      daemon.unref();
      ${mortal("daemon.pid")}
    `,
  });
  const daemon = (await environment.invoke()).payload as number;
  expect(isAlive(daemon)).toBe(true);
  await environment.invoke("die");
  expect(isAlive(daemon)).toBe(false);
  expect(processesOf(environment.endpoint)).toEqual([]);
});
