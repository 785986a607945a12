/** Fake back ends as the toolkit's own destinations and AWS's SDK meet them, in real processes. */
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { createDestination, type DestinationKind, type FakeDestination, type Shape } from "lambdarium";
import "lambdarium/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { open } from "../fixtures/environments.ts";
import { built, extensionFile, shipperName } from "../fixtures/toolkit/shipping.ts";

const opened: FakeDestination[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((destination) => destination.close()));
});

async function destination<Kind extends DestinationKind>(kind: Kind): Promise<FakeDestination<Kind>> {
  const one = await createDestination(kind, { variable: "SHIP_TO" });
  opened.push(one);
  return one;
}

const writer = `let number = 0; await serve(async () => { process.stdout.write("line " + (number += 1) + "\\n"); return "null"; });`;

const shippingBy = (to: string): string =>
  extensionFile(
    shipperName,
    `import { cloudWatchLogs } from ${built("destinations/cloudwatch-logs")};
     defineExtension({ deliver: { to: ${to}, strategy: "end" } });`,
  );

describe("OTLP", () => {
  test.each(["protobuf", "json"])("in %s becomes plain records: lines, metrics, spans", async (encoding) => {
    const otlp = await destination("otlp");
    const env = await open({
      bootstrap: writer,
      extensionPaths: [shippingBy(`otlp({ encoding: "${encoding}" })`)],
      destinations: [otlp],
      functionName: "orders",
    });
    const { requestId } = await env.invoke();
    await env.shutdown();
    expect(env).toHaveDelivered({
      signal: "logs",
      body: "line 1",
      attributes: { "faas.invocation_id": requestId },
      resource: { "faas.name": "orders", "cloud.provider": "aws" },
      timeUnixNano: /^\d{19}$/,
    });
    expect(env).toHaveDelivered({
      signal: "metrics",
      name: "faas.invoke_duration",
      histogram: { dataPoints: expect.any(Array) },
    });
    expect(otlp.requests.map(({ path }) => path)).toEqual(expect.arrayContaining(["/v1/logs", "/v1/metrics"]));
  });

  test("a partial success is counted by the extension and not sent again", async () => {
    const otlp = await destination("otlp");
    const env = await open({
      bootstrap: writer,
      extensionPaths: [shippingBy(`otlp({ signals: ["logs"] })`)],
      destinations: [otlp],
    });
    otlp.reject(({ body }) => body === "line 1");
    await env.invoke();
    await env.shutdown();
    expect(env).toHaveDelivered("line 1", { times: 0 });
    expect(otlp.requests.filter(({ problem }) => problem?.startsWith("rejected 1 of"))).toHaveLength(1);
  });
});

describe("CloudWatch Logs", () => {
  test("takes events from the toolkit, once the throttling is over", async () => {
    const logs = await destination("cloudwatch-logs");
    const env = await open({
      bootstrap: writer,
      extensionPaths: [shippingBy(`cloudWatchLogs({ logGroup: "/shipped", endpoint: process.env.SHIP_TO })`)],
      destinations: [logs],
    });
    logs.throttle(429, 0);
    await env.invoke();
    expect(env).toHaveDelivered({ logGroup: "/shipped" }, { times: 0 });
    await logs.recover();
    await env.invoke();
    await env.shutdown();
    expect(env).toHaveDelivered([{ logGroup: "/shipped", message: "line 1" }, { message: "line 2" }], { times: 1 });
  });

  test("takes events from AWS's SDK, and names what it rejects as AWS does", async () => {
    const logs = await destination("cloudwatch-logs");
    const client = new CloudWatchLogsClient({
      endpoint: logs.environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]!,
      region: "eu-north-1",
      credentials: { accessKeyId: "x", secretAccessKey: "y" },
      maxAttempts: 1,
    });
    const place = { logGroupName: "g", logStreamName: "s" };
    await client.send(new CreateLogStreamCommand(place));
    const logEvents = ["old", "new"].map((message) => ({ timestamp: 1, message }));
    logs.reject(({ message }) => message === "old");
    const { rejectedLogEventsInfo } = await client.send(new PutLogEventsCommand({ ...place, logEvents }));
    expect(rejectedLogEventsInfo).toMatchObject({ tooOldLogEventEndIndex: 1 });
    expect(logs).toHaveDelivered({ message: "new" }, { only: true });
    logs.throttle();
    await expect(client.send(new PutLogEventsCommand({ ...place, logEvents }))).rejects.toMatchObject({
      name: "ThrottlingException",
    });
    client.destroy();
  });
});

describe("a destination of the toolkit finds its fake by the variables of the environment alone", () => {
  test.each<readonly [DestinationKind, module: string, made: string, Shape]>([
    ["cloudwatch-logs", "cloudwatch-logs", 'cloudWatchLogs({ logGroup: "/g" })', { logGroup: "/g", message: "line 1" }],
    ["firehose", "firehose", 'firehose({ stream: "s" })', { stream: "s", data: { record: "line 1\n" } }],
    ["kinesis", "kinesis", 'kinesis({ stream: "s" })', { stream: "s", data: { record: "line 1\n" } }],
    ["s3", "s3", 's3({ bucket: "b", prefix: "p/" })', { bucket: "b", key: /^p\//, line: { record: "line 1\n" } }],
    [
      "sqs",
      "sqs",
      'sqs({ queueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/q" })',
      { queueUrl: /\/q$/, body: { record: "line 1\n" } },
    ],
    [
      "splunk-hec",
      "splunk-hec",
      "splunkHec()",
      { event: expect.stringContaining("line 1") as string, time: expect.any(Number) },
    ],
    ["loki", "loki", "loki()", { line: expect.stringContaining("line 1") as string, time: /^\d{19}$/ }],
    ["elasticsearch", "elasticsearch", "elasticsearch()", { action: "create", document: { message: "line 1" } }],
    ["opensearch", "opensearch", "openSearch()", { action: "create", document: { message: "line 1" } }],
    ["datadog", "datadog", "datadog()", { message: "line 1", ddsource: "lambda" }],
    ["new-relic", "new-relic", "newRelic()", { message: "line 1" }],
  ])("%s", async (kind, module, made, shape) => {
    const backend = await destination(kind);
    const extension = extensionFile(
      shipperName,
      `const made = await import(${built(`destinations/${module}`)});
       const { ${made.split("(")[0]} } = made;
       defineExtension({ deliver: { to: ${made}, strategy: "end" } });`,
    );
    const env = await open({ bootstrap: writer, extensionPaths: [extension], destinations: [backend] });
    await env.invoke();
    await env.shutdown();
    expect(env).toHaveDelivered(shape, { times: 1 });
    expect(backend.requests.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });
});
