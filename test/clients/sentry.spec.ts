/** Sentry's extension and SDK, as their package delivers them. */
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeClient, describeUnless } from "./installed-client.ts";
import { type Outcome, playInPrivateRoot, privateRootObstacle } from "./private-root.ts";
import { openSink, type Posted } from "./sink.ts";

describeUnless(privateRootObstacle, "sentry, from its layer", () => {
  describeClient("sentry", (directory) => {
    let outcome: Outcome;
    let posted: readonly Posted[];
    beforeAll(async () => {
      await using sink = await openSink();
      outcome = await playInPrivateRoot(directory, {
        options: {
          function: directory,
          handler: "index.handler",
          runtime: "nodejs20.x",
          layers: [makeLayer(directory)],
          timeoutMs: 30_000,
          memorySizeMb: 1769,
          environmentVariables: { SENTRY_DSN: `http://abc@127.0.0.1:${sink.port}/1` },
        },
        events: [{ fail: true }, { order: 2 }, { order: 3 }],
        opt: join(directory, "layer"),
      });
      posted = sink.posted;
    });

    test("[EXT-21] it registers and is given each invocation and the shutdown", () => {
      expect(outcome.delivered).toEqual(["INVOKE", "INVOKE", "INVOKE", "SHUTDOWN"]);
    });

    test("it runs from its layer, and the function it watches answers as always", () => {
      const [failed, ...succeeded] = outcome.invocations;
      expect(failed).toMatchObject({ functionError: "Unhandled", payload: { errorType: "RangeError" } });
      expect(succeeded.map(({ payload }) => payload)).toEqual([{ seen: { order: 2 } }, { seen: { order: 3 } }]);
    });

    test("[ENV-96] the function reaches it on its port, and it sends the error on", () => {
      const envelopes = posted.filter(({ method, url }) => `${method} ${url}`.startsWith("POST /api/1/envelope/"));
      expect(envelopes.some(({ body }) => body.includes("out of reach"))).toBe(true);
    });

    test("[LIFE-88] it asks again after SHUTDOWN, never exits, and is killed when its 2 s are over", () => {
      expect(outcome.snapshot.extensions).toMatchObject([
        { name: "sentry-extension", state: "ShutdownFailed", exit: { code: null, signal: "SIGKILL" } },
      ]);
      expect(outcome.snapshot.shutdown?.durationMs).toBeGreaterThan(1900);
    });
  });
});

/** Laid out as Sentry's own build of the layer does. */
function makeLayer(directory: string): string {
  const from = join(directory, "node_modules/@sentry/aws-serverless/build/lambda-extension");
  const layer = join(directory, "layer");
  for (const [file, place] of [
    ["sentry-extension", "extensions"],
    ["index.mjs", "sentry-extension"],
  ] as const) {
    mkdirSync(join(layer, place), { recursive: true });
    copyFileSync(join(from, file), join(layer, place, file));
    chmodSync(join(layer, place, file), 0o755);
  }
  return layer;
}
