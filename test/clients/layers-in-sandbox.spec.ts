/** Layers as their makers publish them, unchanged at `/opt`, in the sandbox that isolates. */
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment, InvocationResult } from "lambdarium";
import { describe, expect, test } from "vitest";
import { said } from "../fixtures/environment-readings.ts";
import { obstacle, openLinux } from "../fixtures/linux-environments.ts";
import { describeClient, describeUnless } from "./installed-client.ts";

const here = "in the sandbox that isolates";

/** Where a vendor would be: an extension beside the other, for nothing of the machine can be reached from inside. */
const sinkPort = 9999;
const sink = `
  require("node:http").createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece)).on("end", () => {
      say({ method: request.method, url: request.url, text: Buffer.concat(pieces).toString("latin1") });
      response.setHeader("content-type", "application/json").end("{}");
    });
  }).listen(${sinkPort}, "127.0.0.1");
  await follow((await register(["INVOKE"])).id);`;

interface Posted {
  readonly method: string;
  readonly url: string;
  readonly text: string;
}

async function play(environment: Environment, events: readonly unknown[]): Promise<readonly InvocationResult[]> {
  const results: InvocationResult[] = [];
  for (const event of events) results.push(await environment.invoke(event));
  await environment.shutdown();
  return results;
}

describeUnless(obstacle, `sentry, ${here}`, () => {
  describeClient("sentry", (directory) => {
    test("[ENV-03, ENV-96, LIFE-88] its layer runs at /opt, sends the function's error on, and is killed at the end", async () => {
      const environment = await openLinux({
        function: directory,
        handler: "index.handler",
        runtime: "nodejs20.x",
        layers: [sentryLayer(directory)],
        extensions: { sink },
        environmentVariables: { SENTRY_DSN: `http://abc@127.0.0.1:${sinkPort}/1` },
      });
      const [failed, succeeded] = await play(environment, [{ fail: true }, { order: 2 }]);
      expect(failed).toMatchObject({ functionError: "Unhandled", payload: { errorType: "RangeError" } });
      expect(succeeded?.payload).toEqual({ seen: { order: 2 } });
      const envelopes = said<Posted>(environment, "extension").filter(({ url }) => url.startsWith("/api/1/envelope/"));
      expect(envelopes.some(({ text }) => text.includes("out of reach"))).toBe(true);
      expect(environment.snapshot.extensions).toContainEqual(
        expect.objectContaining({ name: "sentry-extension", exit: { code: null, signal: "SIGKILL" } }),
      );
    });
  });
});

describeUnless(obstacle, `serverless-otel, ${here}`, () => {
  describeClient("serverless-otel", (directory) => {
    test("[ENV-71, ENV-94, TEL-25] its names resolve: it listens on sandbox, and everything produced is delivered", async () => {
      const environment = await openLinux({
        function: join(directory, "function"),
        handler: "index.handler",
        runtime: "nodejs20.x",
        layers: [join(directory, "node_modules/@serverless/aws-lambda-otel-extension-dist/extension.zip")],
        extensions: { sink },
        environmentVariables: {
          AWS_LAMBDA_EXEC_WRAPPER: "/opt/otel-extension/otel-handler",
          SLS_OTEL_REPORT_METRICS_URL: `http://127.0.0.1:${sinkPort}/metrics`,
          SLS_OTEL_REPORT_TRACES_URL: `http://127.0.0.1:${sinkPort}/traces`,
        },
      });
      const results = await play(environment, [{ order: 1 }, { order: 2 }, { order: 3 }]);
      expect(results.map(({ payload }) => payload)).toEqual([1, 2, 3].map((order) => ({ seen: { order } })));
      expect(environment.subscriptions).toMatchObject([
        {
          extensionName: "otel-extension",
          destination: "http://sandbox:4243",
          produced: { events: 3 + 3 * 4 },
          delivered: { events: 3 + 3 * 4 },
          dropped: { events: 0 },
        },
      ]);
      const reports = said<Posted>(environment, "extension").filter(({ url }) => url === "/metrics");
      expect(reports.map(({ method }) => method)).toContain("POST");
    });
  });
});

describeUnless(obstacle, `aws-layer, ${here}`, () => {
  describeClient("aws-layer", (directory) => {
    describe("AWS's own layer with its command line", () => {
      test("[ENV-17, ENV-18] is unpacked with its links and permission bits, and can be read and not written", async () => {
        const environment = await openLinux({
          layers: [join(directory, "node_modules/@aws-cdk/asset-awscli-v1/lib/layer.zip")],
          module: `
            import { accessSync, constants, readdirSync, statSync, writeFileSync } from "node:fs";
            const attempt = (work) => { try { work(); return "ok"; } catch ({ code }) { return code; } };
            export const handler = async () => ({
              top: readdirSync("/opt"),
              owner: statSync("/opt/awscli").uid,
              executable: attempt(() => accessSync("/opt/awscli/aws", constants.X_OK)),
              write: attempt(() => writeFileSync("/opt/awscli/aws", "")),
              files: readdirSync("/opt", { recursive: true }).length,
            });`,
        });
        const { payload } = await environment.invoke();
        expect(payload).toMatchObject({ top: ["awscli"], owner: 0, executable: "ok", write: "EROFS" });
        expect((payload as { files: number }).files).toBeGreaterThan(4000);
      });
    });
  });
});

/** Laid out as Sentry's own build of the layer does. */
function sentryLayer(directory: string): string {
  const from = join(directory, "node_modules/@sentry/aws-serverless/build/lambda-extension");
  const layer = join(directory, "layer-in-sandbox");
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
