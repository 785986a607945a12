/** Clients of three languages in one environment: each extension by its own API. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createEnvironment, type Environment } from "lambdarium";
import { beforeAll, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { freePort, scratchDirectory, type Told, toldIn } from "./told.ts";

describeClient("aws-node", (node) => {
  describeClient("aws-python", (python) => {
    describeClient("aws-rust", (rust) => {
      const scratch = scratchDirectory();
      let environment: Environment;
      let told: readonly Told[];

      beforeAll(async () => {
        const logs = join(scratch, "rust-logs");
        copyFileSync(join(rust, "target/debug/rust-extension"), logs);
        const received = join(scratch, "received");
        environment = await createEnvironment({
          sandbox: "process",
          function: node,
          handler: "index.handler",
          timeoutMs: 30_000,
          extensions: [join(python, "extensions/python-extension"), logs],
          environmentVariables: { RECEIVED: received, LISTEN_ON: String(await freePort()) },
        });
        await environment.invoke({ order: 1 });
        await environment.invoke({ fail: true });
        await environment.shutdown();
        told = toldIn(received);
      });

      test("[TEL-33, TEL-82] one is told by the Telemetry API, one by the Logs API, and neither misses anything", () => {
        const byName = environment.subscriptions.toSorted((one, other) =>
          one.extensionName.localeCompare(other.extensionName),
        );
        expect(byName).toMatchObject([
          { extensionName: "python-extension", api: "telemetry", dropped: { events: 0 }, queued: { events: 0 } },
          { extensionName: "rust-logs", api: "logs", dropped: { events: 0 }, queued: { events: 0 } },
        ]);
      });

      test("[LGS-22, LGS-41] both are told the same durations", () => {
        const telemetry = told
          .filter(({ kind }) => kind === "batch")
          .flatMap(({ what }) => (what as Batch).events)
          .filter(({ type }) => type === "platform.report")
          .map(({ record }) => [record.requestId, record.metrics.durationMs]);
        const logs = told
          .filter(({ kind }) => kind === "logs")
          .flatMap(({ what }) => what as readonly string[])
          .flatMap((text) => [...text.matchAll(/^PlatformReport \{ request_id: "([^"]+)".* duration_ms: ([\d.]+)/g)])
          .map(([, requestId, durationMs]) => [requestId, Number(durationMs)]);
        expect(telemetry).toHaveLength(2);
        expect(logs).toEqual(telemetry);
      });
    });
  });
});

interface Batch {
  readonly events: readonly {
    readonly type: string;
    readonly record: { readonly requestId: string; readonly metrics: { readonly durationMs: number } };
  }[];
}
