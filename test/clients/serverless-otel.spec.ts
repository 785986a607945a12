/** The OpenTelemetry extension of the Serverless Framework: a client of the Logs API, from its layer's archive. */
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { unpackArchive } from "../../src/sandbox/archive/unpack-archive.ts";
import { describeClient, describeUnless } from "./installed-client.ts";
import { type Outcome, playInPrivateRoot, privateRootObstacle } from "./private-root.ts";
import { openSink, type Posted } from "./sink.ts";

describeUnless(privateRootObstacle, "serverless-otel, from its layer", () => {
  describeClient("serverless-otel", (directory) => {
    const archive = join(directory, "node_modules/@serverless/aws-lambda-otel-extension-dist/extension.zip");
    const layer = join(directory, "layer");
    let outcome: Outcome;
    let posted: readonly Posted[];

    beforeAll(async () => {
      rmSync(layer, { recursive: true, force: true });
      await unpackArchive(archive, layer);
      await using sink = await openSink();
      outcome = await playInPrivateRoot(directory, {
        options: {
          function: join(directory, "function"),
          handler: "index.handler",
          runtime: "nodejs20.x",
          layers: [archive],
          timeoutMs: 30_000,
          memorySizeMb: 1769,
          environmentVariables: {
            AWS_LAMBDA_EXEC_WRAPPER: "/opt/otel-extension/otel-handler",
            SLS_OTEL_REPORT_METRICS_URL: `http://127.0.0.1:${sink.port}/metrics`,
            SLS_OTEL_REPORT_TRACES_URL: `http://127.0.0.1:${sink.port}/traces`,
          },
        },
        events: [{ order: 1 }, { order: 2 }, { order: 3 }],
        opt: layer,
        leftovers: ["/tmp/sls-save-log.json", "/tmp/sent-requests.json"],
        gapMs: 200,
      });
      posted = sink.posted;
    });

    test("[EXT-21] it is given each invocation and the shutdown", () => {
      expect(outcome.delivered).toEqual(["INVOKE", "INVOKE", "INVOKE", "SHUTDOWN"]);
    });

    test("[ENV-71] the wrapper script of its layer starts the function, which answers as always", () => {
      expect(outcome.invocations.map(({ payload }) => payload)).toEqual([
        { seen: { order: 1 } },
        { seen: { order: 2 } },
        { seen: { order: 3 } },
      ]);
    });

    test("[LGS-01] [TEL-24] its subscription names the host sandbox, and everything produced is delivered", () => {
      expect(outcome.subscriptions).toMatchObject([
        {
          extensionName: "otel-extension",
          api: "logs",
          schemaVersion: "2021-03-18",
          destination: "http://sandbox:4243",
          produced: { events: 2 + 3 * 4 },
          delivered: { events: 2 + 3 * 4 },
          dropped: { events: 0 },
        },
      ]);
    });

    test("[LGS-22] what it reports of each invocation is what the invocation's own report says", async () => {
      const reports = (await Promise.all(posted.map((one) => metricsIn(layer, one)))).flat();
      const durations = reports.filter(({ name }) => name === "faas.duration").map(({ facts }) => facts);
      const invocations = outcome.invocations.map(({ requestId, durationMs, billedDurationMs, maxMemoryUsedMb }) => ({
        requestId,
        durationMs,
        billedDurationMs,
        maxMemoryUsedMb,
      }));
      // It reports the third while it is shut down, and a slow machine may not leave it the time.
      expect(durations.slice(0, 2)).toEqual(invocations.slice(0, 2));
    });

    test("its spool files are there between invocations", () => {
      expect(outcome.left).toEqual(["/tmp/sls-save-log.json", "/tmp/sent-requests.json"]);
    });
  });
});

interface Metric {
  readonly name: string;
  readonly facts: Record<string, unknown>;
}

/** The attributes of each data point that the test asks about. */
const attributes: Readonly<Record<string, string>> = {
  "faas.execution": "requestId",
  "faas.duration": "durationMs",
  "faas.billed_duration": "billedDurationMs",
  "faas.max_memory_used_mb": "maxMemoryUsedMb",
};

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number;
  readonly doubleValue?: number;
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly instrumentationLibraryMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram?: {
          readonly dataPoints: readonly {
            readonly attributes: readonly { readonly key: string; readonly value: Value }[];
          }[];
        };
      }[];
    }[];
  }[];
}

async function metricsIn(layer: string, { url, body }: Posted): Promise<readonly Metric[]> {
  if (url !== "/metrics") return [];
  const { resourceMetrics } = await decode(layer, body);
  const metrics = resourceMetrics.flatMap((one) => one.instrumentationLibraryMetrics.flatMap(({ metrics }) => metrics));
  return metrics.flatMap(({ name, histogram }) =>
    (histogram?.dataPoints ?? []).map((point) => ({
      name,
      facts: Object.fromEntries(
        point.attributes.flatMap(({ key, value }) => {
          const fact = attributes[key];
          return fact === undefined ? [] : [[fact, plain(value)]];
        }),
      ),
    })),
  );
}

const plain = ({ stringValue, intValue, doubleValue }: Value): unknown => doubleValue ?? intValue ?? stringValue;

interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: { readonly longs: typeof Number }): object;
}

interface ProtobufJs {
  load(file: string): Promise<{ lookupType(name: string): MessageType }>;
}

/** With the extension's own decoder and definitions. */
async function decode(layer: string, body: Uint8Array): Promise<MetricsRequest> {
  const extension = join(layer, "otel-extension");
  const protobuf = createRequire(join(extension, "index.js"))("protobufjs") as ProtobufJs;
  const root = await protobuf.load(join(extension, "proto/metric_service.proto"));
  const type = root.lookupType("opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest");
  return type.toObject(type.decode(body), { longs: Number }) as MetricsRequest;
}
