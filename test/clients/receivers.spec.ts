/** Forwarding to receivers that nobody here wrote: OpenTelemetry's own definitions of OTLP, and moto's imitation of AWS. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { createEnvironment, type Environment } from "lambdarium";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { describeClient } from "./installed-client.ts";
import { freePort, scratchDirectory } from "./told.ts";

const patience = { timeout: 60_000, interval: 100 };

describeClient("receivers", (directory) => {
  const room = scratchDirectory();
  const code = join(room, "parcels");
  const env = { ...process.env, PYTHONPATH: join(directory, "python"), PYTHONUNBUFFERED: "1" };
  const started = new Set<ChildProcess>();
  const python = (...args: readonly string[]): ChildProcess => {
    const child = spawn("python3", args, { env, stdio: ["ignore", "pipe", "ignore"] });
    started.add(child);
    return child;
  };
  beforeAll(() => {
    mkdirSync(code);
    writeFileSync(
      join(code, "index.mjs"),
      "export const handler = async ({ number }) => { console.log(`parcel ${number}`); return number; };",
    );
  });
  afterAll(async () => {
    for (const child of started) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });

  const forwarded = async (forward: readonly string[]): Promise<Environment> => {
    const environment = await createEnvironment({ function: code, sandbox: "process", tracing: "Active", forward });
    for (let number = 0; number < 5; number++) await environment.invoke({ number });
    await environment.shutdown();
    return environment;
  };

  describe("OpenTelemetry's own definitions", () => {
    const lines: string[] = [];
    let endpoint: string;
    beforeAll(async () => {
      const receiver = python(join(directory, "otlp_receiver.py"));
      const output = createInterface({ input: receiver.stdout! }).on("line", (line) => lines.push(line));
      await once(output, "line");
      endpoint = `http://127.0.0.1:${lines.shift()}`;
    });

    test("read logs, metrics and spans in protobuf", async () => {
      const environment = await forwarded([`otlp=${endpoint}`]);
      const requests = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      const text = lines.join("\n");
      expect(new Set(requests.flatMap((request) => Object.keys(request)))).toEqual(
        new Set(["resourceLogs", "resourceMetrics", "resourceSpans"]),
      );
      for (let number = 0; number < 5; number++) expect(text).toContain(`\\tINFO\\tparcel ${number}"`);
      expect(text).toContain('"name": "faas.invoke_duration"');
      expect(text).toContain(`{"key": "faas.instance", "value": {"stringValue": "${environment.logs.stream}"}}`);
      // Bytes are base64 in protobuf's JSON: the trace is X-Ray's.
      const root = Buffer.from(environment.traces[0]!.id.slice(2).replace("-", ""), "hex").toString("base64");
      expect(text).toContain(`"traceId": "${root}"`);
    });
  });

  describe("moto's imitation of AWS", () => {
    beforeAll(async () => {
      const port = await freePort();
      python("-m", "moto.server", "-H", "127.0.0.1", "-p", String(port));
      const endpoint = `http://127.0.0.1:${port}`;
      await vi.waitUntil(
        () =>
          fetch(endpoint).then(
            () => true,
            () => false,
          ),
        patience,
      );
      Object.assign(process.env, {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_REGION: "us-east-1",
      });
    });
    afterAll(() => {
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    });

    test("takes log events, metrics and segments through AWS's SDK", async () => {
      const environment = await forwarded(["cloudwatch", "xray"]);
      expect(environment.notices.filter(({ text }) => text.startsWith("Forwarding"))).toEqual([]);
      const place = { logGroupName: environment.logs.group, logStreamName: environment.logs.stream };
      const { events } = await new CloudWatchLogsClient().send(
        new GetLogEventsCommand({ ...place, startFromHead: true }),
      );
      expect(events?.map(({ message }) => message)).toEqual([...environment.logs].map(({ message }) => message));
      const { Datapoints } = await new CloudWatchClient().send(
        new GetMetricStatisticsCommand({
          Namespace: "Lambdarium/Lambda",
          MetricName: "Invocations",
          // moto adds up every metric that has these dimensions among others.
          Dimensions: [
            { Name: "FunctionName", Value: "parcels" },
            { Name: "Resource", Value: "parcels" },
          ],
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          Period: 3600,
          Statistics: ["Sum"],
        }),
      );
      expect(Datapoints?.reduce((total, { Sum = 0 }) => total + Sum, 0)).toBe(5);
    });
  });
});
