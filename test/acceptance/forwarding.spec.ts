/** Forwarding: to AWS's services, for which a second Lambdarium stands, and to OTLP receivers, also when they fail. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { BatchGetTracesCommand, XRayClient } from "@aws-sdk/client-xray";
import { createService, type Environment, type Service } from "lambdarium";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { open, type Setup, writeCode } from "../fixtures/environments.ts";
import { type Answer, hangUp, HttpSink, inTurn, type Received, silence, status } from "../fixtures/http-sink.ts";
import { program } from "../fixtures/programs.ts";

const host = fileURLToPath(new URL("../fixtures/library-hosts/host-that-keeps-logs.mjs", import.meta.url));
/** Prints a line for each invocation, and a metric. */
const talkative = `await serve(({ body }) => {
  process.stdout.write(\`invoked with \${body}\\n\`);
  const directive = { Namespace: "Shop", Dimensions: [["till"]], Metrics: [{ Name: "orders" }] };
  process.stdout.write(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, till: "1", orders: 2 }) + "\\n");
  return body;
});`;

const sink = new HttpSink();
let endpoint: string;
beforeEach(async () => {
  sink.received.length = 0;
  sink.answer = status(200);
  endpoint = await sink.open();
});
afterEach(() => sink.close());

const forwarding = (setup: Setup = {}): Promise<Environment> =>
  open({ bootstrap: talkative, forward: [`otlp=${endpoint}`], ...setup });

/** With JSON, which a test can read. */
const inJson = (): void => {
  process.env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json";
};
beforeEach(inJson);
afterEach(() => {
  for (const name of Object.keys(process.env)) if (/^(OTEL_|AWS_)/.test(name)) delete process.env[name];
});

interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[];
    }[];
  }[];
}

/** The numbers of the invocations whose line arrived, in order of arrival. */
const numbersIn = (requests: readonly Received[]): readonly number[] =>
  requests
    .filter(({ url }) => url === "/v1/logs")
    .flatMap(({ body }) => (JSON.parse(body.toString()) as LogsRequest).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .flatMap(({ body }) => /^invoked with \{"number":(\d+)\}/.exec(body.stringValue)?.slice(1, 2) ?? [])
    .map(Number);

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
const notices = (environment: Environment): readonly string[] =>
  environment.notices.map(({ text }) => text).filter((text) => text.startsWith("Forwarding"));

async function invoked(environment: Environment, from: number, until: number): Promise<void> {
  for (let number = from; number < until; number++) await environment.invoke({ number });
}

/** Keeps what was answered with success. */
function taking(): Received[] {
  const taken: Received[] = [];
  sink.onTaken = (received) => taken.push(received);
  return taken;
}

test("nothing is forwarded unless it is asked for", async () => {
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
  const environment = await forwarding({ forward: [] });
  await invoked(environment, 0, 3);
  await environment.shutdown();
  expect(sink.received).toEqual([]);
});

test("an OTLP receiver gets logs, metrics and the spans of sampled invocations, of each environment its own resource", async () => {
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
  process.env["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=abc";
  const environment = await forwarding({ tracing: "Active", functionName: "parcels", forward: ["otlp"] });
  await invoked(environment, 0, 1);
  await environment.shutdown();
  expect(sink.received.map(({ url }) => url)).toEqual(
    expect.arrayContaining(["/v1/logs", "/v1/metrics", "/v1/traces"]),
  );
  expect(sink.received[0]?.headers).toMatchObject({ "x-key": "abc", "content-type": "application/json" });
  const spans = sink.received.filter(({ url }) => url === "/v1/traces").map(({ body }) => body.toString());
  const root = environment.traces[0]!.id.slice(2).replace("-", "");
  expect(spans.join("\n")).toContain(`"traceId":"${root}"`);
  expect(spans.join("\n")).toContain('"name":"parcels"');
  expect(spans.join("\n")).toContain(`{"key":"faas.instance","value":{"stringValue":"${environment.logs.stream}"}}`);
  const metrics = sink.received.filter(({ url }) => url === "/v1/metrics").map(({ body }) => body.toString());
  expect(metrics.join("\n")).toContain('"name":"faas.invoke_duration"');
});

test("a receiver that is down for a while gets everything once it is back, once and in order", async () => {
  const taken = taking();
  sink.answer = hangUp;
  const environment = await forwarding();
  await invoked(environment, 0, 20);
  await vi.waitUntil(() => sink.received.length > 2, { timeout: 20_000 });
  await invoked(environment, 20, 40);
  sink.answer = status(200);
  await vi.waitUntil(() => numbersIn(taken).length >= 40, { timeout: 50_000 });
  await environment.shutdown();
  expect(numbersIn(taken)).toEqual(upTo(40));
  expect(notices(environment)[0]).toMatch(
    /^Forwarding to otlp http:\/\/127\.0\.0\.1:\d+: .*(ECONNRESET|socket hang up)/,
  );
});

test("a receiver that throttles is waited for as long as it says, and gets everything once and in order", async () => {
  const taken = taking();
  const refusals = [429, 503, 429, 502].map((code) => status(code, "", { "retry-after": "0" }));
  sink.answer = inTurn(...refusals, status(200));
  const environment = await forwarding();
  await invoked(environment, 0, 30);
  await vi.waitUntil(() => numbersIn(taken).length >= 30, { timeout: 50_000 });
  await environment.shutdown();
  expect(numbersIn(taken)).toEqual(upTo(30));
});

test("a slow receiver gets everything once and in order, and no invocation waits for it", async () => {
  const taken = taking();
  sink.answer = (received, response) => void setTimeout(() => status(200)(received, response), 500);
  const environment = await forwarding();
  await invoked(environment, 0, 100);
  expect(numbersIn(taken).length).toBeLessThan(100);
  await vi.waitUntil(() => numbersIn(taken).length >= 100, { timeout: 50_000 });
  await environment.shutdown();
  expect(numbersIn(taken)).toEqual(upTo(100));
  expect(notices(environment)).toEqual([]);
});

test("a receiver that never answers holds no invocation up, and the end waits for it no longer than it must", async () => {
  sink.answer = silence;
  const environment = await forwarding({ dataDirectory: join(writeCode({}), "data") });
  await invoked(environment, 0, 50);
  expect(environment.snapshot.phases.filter(({ phase }) => phase === "invoke")).toHaveLength(50);
  await environment.shutdown();
  expect(notices(environment).at(-1)).toMatch(
    /: \d+ records could not be sent in time; they are kept in .+ and sent at the next start with this target\.$/,
  );
});

test("what the end left is sent by the next start, and it is said", async () => {
  const dataDirectory = join(writeCode({}), "data");
  sink.answer = status(503);
  const first = await forwarding({ dataDirectory });
  await invoked(first, 0, 10);
  await first.shutdown();
  const taken = taking();
  sink.answer = status(200);
  const second = await forwarding({ dataDirectory });
  await vi.waitUntil(() => numbersIn(taken).length >= 10, { timeout: 20_000 });
  await second.shutdown();
  expect(numbersIn(taken)).toEqual(upTo(10));
  expect(notices(second)).toEqual([expect.stringMatching(/: \d+ records that were left before are sent now\.$/)]);
  expect(
    readdirSync(join(dataDirectory, "forward")).flatMap((name) => readdirSync(join(dataDirectory, "forward", name))),
  ).toEqual([]);
});

test("without a directory what could not be sent is lost, and the loss is counted", async () => {
  sink.answer = status(503);
  const environment = await forwarding();
  await invoked(environment, 0, 5);
  await environment.shutdown();
  expect(notices(environment).at(-1)).toMatch(/: \d+ records could not be sent in time; they are lost\.$/);
});

interface Told {
  readonly invocations: number;
  readonly at: number;
}

test("a host killed by SIGKILL loses at most its last second, the next start says so and sends the rest", async () => {
  const dataDirectory = join(writeCode({}), "data");
  sink.answer = status(503);
  const child = spawn(
    process.execPath,
    [host, writeCode({ bootstrap: program(talkative) }), dataDirectory, "1000000", `otlp=${endpoint}`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const told: Told[] = [];
  const gone = new Promise((resolve) => child.once("close", resolve));
  createInterface({ input: child.stdout }).on("line", (line) => told.push(JSON.parse(line) as Told));
  const lastedMs = () => Math.max(...told.map(({ at }) => at)) - Math.min(...told.map(({ at }) => at));
  await vi.waitUntil(() => Math.min(told.length / 50, lastedMs() / 3000) > 1, { timeout: 50_000 });
  child.kill("SIGKILL");
  await gone;
  const settled = told.filter(({ at }) => at < told.at(-1)!.at - 1000).length;
  expect(settled).toBeGreaterThan(10);

  const taken = taking();
  sink.answer = status(200);
  const next = await forwarding({ dataDirectory });
  await vi.waitUntil(() => numbersIn(taken).length >= settled, { timeout: 50_000 });
  await next.shutdown();
  const numbers = numbersIn(taken);
  expect(numbers).toEqual(upTo(numbers.length));
  expect(notices(next)[0]).toMatch(
    /: a run before this one was killed; what was written in its last second may be missing\.$/,
  );
});

/** Whether this user may mount in a namespace of its own: as root, or where user namespaces are allowed. */
const mounting = ["-rm", "-m"].find(
  (flags) => spawnSync("unshare", [flags, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
);

// Skipped where nobody may mount: a full disk cannot be had without one.
test.skipIf(mounting === undefined)(
  "on a full disk invocations go on, and what neither disk nor memory takes is counted",
  async () => {
    sink.answer = status(503);
    const code = writeCode({
      bootstrap: program(
        'await serve(() => { for (let n = 0; n < 8; n++) process.stdout.write("x".repeat(40_000) + "\\n"); return "1"; });',
      ),
    });
    const script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$4" "$1" 500 "$5"';
    const child = spawn(
      "unshare",
      [mounting!, "sh", "-c", script, "sh", writeCode({}), process.execPath, host, code, `otlp=${endpoint}`],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const told: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => told.push(line));
    await new Promise((resolve) => child.once("close", resolve));
    const ended = JSON.parse(told.at(-1)!) as { invocations: number; notices: string[] };
    expect(ended.invocations).toBe(500);
    expect(ended.notices).toContainEqual(
      expect.stringMatching(/the spool does not work, records are held in memory only: ENOSPC/),
    );
    expect(ended.notices).toContainEqual(
      expect.stringMatching(/: \d+ records could not be sent in time; they are lost\.$/),
    );
    expect(ended.notices).toContainEqual(expect.stringMatching(/: \d+ records were dropped: \d+ memory full\.$/));
  },
);

test("what cannot be forwarded to is refused before anything is started", async () => {
  await expect(forwarding({ forward: ["otlp=nowhere"] })).rejects.toMatchObject({ code: "invalid-setting" });
  process.env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
  await expect(forwarding({ forward: ["otlp"] })).rejects.toMatchObject({ code: "invalid-setting" });
});

let cloud: Service | undefined;
afterEach(async () => {
  await cloud?.[Symbol.asyncDispose]();
  cloud = undefined;
});

/** A service that stands for AWS: this process finds it by the variables that all of AWS's tools read. */
async function openCloud(): Promise<void> {
  cloud = await createService();
  Object.assign(process.env, cloud.variables);
}

test("CloudWatch Logs gets each event, in the stream and with the time it has here", async () => {
  await openCloud();
  const environment = await forwarding({ forward: ["cloudwatch"], functionName: "parcels" });
  await invoked(environment, 0, 20);
  await environment.shutdown();
  const { events } = await new CloudWatchLogsClient().send(
    new FilterLogEventsCommand({ logGroupName: "/aws/lambda/parcels", logStreamNames: [environment.logs.stream] }),
  );
  const own = [...environment.logs].map(({ message, timestamp }) => ({ message, timestamp }));
  expect(events?.map(({ message, timestamp }) => ({ message, timestamp }))).toEqual(
    own.toSorted((a, b) => a.timestamp - b.timestamp),
  );
  expect(notices(environment)).toEqual([]);
});

test("CloudWatch Logs that throttles gets each event once and in order, the stream made on the way", async () => {
  const taken = taking();
  Object.assign(process.env, { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" });
  const failing = (__type: string): Answer => status(400, JSON.stringify({ __type }));
  const done = status(200, "{}");
  const throttled = failing("ThrottlingException");
  sink.answer = inTurn(throttled, failing("ResourceNotFoundException"), done, done, throttled, throttled, done);
  const environment = await forwarding({ forward: ["cloudwatch-logs"] });
  await invoked(environment, 0, 20);
  const puts = () => taken.filter(({ headers }) => headers["x-amz-target"] === "Logs_20140328.PutLogEvents");
  const events = () => puts().flatMap(({ body }) => (JSON.parse(body.toString()) as PutLogEvents).logEvents);
  await vi.waitUntil(() => events().length >= environment.logs.length, { timeout: 50_000 });
  await environment.shutdown();
  expect(events().map(({ message }) => message)).toEqual([...environment.logs].map(({ message }) => message));
  expect(taken.map(({ headers }) => headers["x-amz-target"]).slice(0, 2)).toEqual([
    "Logs_20140328.CreateLogGroup",
    "Logs_20140328.CreateLogStream",
  ]);
});

interface PutLogEvents {
  readonly logEvents: readonly { readonly message: string }[];
}

test("CloudWatch gets Lambda's metrics in a namespace of its own, and those of log events once", async () => {
  await openCloud();
  const environment = await forwarding({ forward: ["cloudwatch"], functionName: "parcels" });
  await invoked(environment, 0, 5);
  await environment.shutdown();
  const client = new CloudWatchClient();
  const sum = async (Namespace: string, MetricName: string, Dimensions: { Name: string; Value: string }[]) => {
    const range = { StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 60_000), Period: 3600 };
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({ Namespace, MetricName, Dimensions, ...range, Statistics: ["Sum"] }),
    );
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };
  expect(await sum("Lambdarium/Lambda", "Invocations", [{ Name: "FunctionName", Value: "parcels" }])).toBe(5);
  expect(await sum("Shop", "orders", [{ Name: "till", Value: "1" }])).toBe(10);
  const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: "Lambdarium/Lambda" }));
  expect(new Set(Metrics?.map(({ MetricName }) => MetricName))).toEqual(new Set(["Duration", "Errors", "Invocations"]));
});

test("where only metrics are forwarded, those of log events are published too", async () => {
  await openCloud();
  const environment = await forwarding({ forward: ["cloudwatch-metrics"] });
  await invoked(environment, 0, 5);
  await environment.shutdown();
  const { Metrics } = await new CloudWatchClient().send(new ListMetricsCommand({ Namespace: "Shop" }));
  expect(Metrics).toMatchObject([{ MetricName: "orders", Dimensions: [{ Name: "till", Value: "1" }] }]);
});

test("[OBS-85] X-Ray gets the platform's segments", async () => {
  await openCloud();
  const environment = await forwarding({ forward: ["xray"], tracing: "Active" });
  await invoked(environment, 0, 1);
  await environment.shutdown();
  const { Traces } = await new XRayClient().send(new BatchGetTracesCommand({ TraceIds: [environment.traces[0]!.id] }));
  const documents = Traces?.[0]?.Segments?.map(({ Document }) => JSON.parse(Document!) as { origin: string });
  expect(documents?.map(({ origin }) => origin)).toEqual(["AWS::Lambda", "AWS::Lambda::Function"]);
});

test("a service forwards what only it knows too, and what it was asked to keep it does not", async () => {
  await openCloud();
  const project = writeCode({
    "lambdarium.json": '{ "functions": { "parcels": { "code": "index.mjs" } } }',
    "index.mjs": "export const handler = async (event) => event;",
  });
  const service = await createService({ project, forward: ["cloudwatch"] });
  const { endpoint: own } = service;
  await new LambdaClient({ endpoint: own }).send(new InvokeCommand({ FunctionName: "parcels" }));
  await new CloudWatchLogsClient({ endpoint: own }).send(new CreateLogGroupCommand({ logGroupName: "/by/a/client" }));
  await service.stop();
  const { Metrics } = await new CloudWatchClient().send(new ListMetricsCommand({ Namespace: "Lambdarium/Lambda" }));
  expect(Metrics?.map(({ MetricName }) => MetricName)).toEqual(expect.arrayContaining(["Throttles", "Invocations"]));
  const { logGroups } = await new CloudWatchLogsClient().send(new DescribeLogGroupsCommand());
  expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(["/aws/lambda/parcels"]);
});

test("a service does not forward to itself, and says why nothing arrives", async () => {
  const port = await freePort();
  process.env["AWS_ENDPOINT_URL"] = `http://localhost:${port}`;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "us-east-1" });
  const project = writeCode({
    "lambdarium.json": '{ "functions": { "parcels": { "code": "index.mjs" } } }',
    "index.mjs": "export const handler = async (event) => event;",
  });
  cloud = await createService({ project, port, forward: ["cloudwatch-logs"] });
  await new LambdaClient().send(new InvokeCommand({ FunctionName: "parcels" }));
  await vi.waitUntil(() => cloud!.notices.some((text) => text.startsWith("Forwarding")), { timeout: 30_000 });
  expect(cloud.notices).toContainEqual(
    `Forwarding to cloudwatch-logs: the endpoint localhost:${port} is this service itself: unset AWS_ENDPOINT_URL where it is started.`,
  );
  const { events } = await new CloudWatchLogsClient().send(
    new FilterLogEventsCommand({ logGroupName: "/aws/lambda/parcels", filterPattern: "REPORT" }),
  );
  expect(events).toHaveLength(1);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
