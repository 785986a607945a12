/** What CloudWatch gets of an environment, whoever subscribes: `environment.logs`, and the store (OBS-). */
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Environment } from "lambdarium";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { open, type Setup, writeCode } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";
import { openStoredLogs } from "../../dist/service/stored-logs.js";

/** Accepts connections and never answers. */
let stuck: Server;
beforeAll(async () => {
  stuck = createServer(() => undefined);
  await new Promise<void>((resolve) => void stuck.listen(0, "127.0.0.1", resolve));
});
afterAll(() => void stuck.close());

const subscriber = (port: number, wait: string): string => `
  const { id } = await register(["INVOKE", "SHUTDOWN"]);
  await call("PUT", "/2022-07-01/telemetry", {
    headers: { "Lambda-Extension-Identifier": id },
    body: JSON.stringify({
      schemaVersion: "2022-12-13",
      types: ["platform", "function", "extension"],
      destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:${port}/" },
      buffering: { timeoutMs: 25, maxBytes: 262144, maxItems: 1000 },
    }),
  });
  ${wait}
  await follow(id);`;
const listening =
  'require("node:http").createServer((request, response) => request.resume().on("end", () => response.end())).listen(4243, "127.0.0.1");';

const bootstrap = `
  process.stdout.write("starting\\n");
  await serve(({ body }) => {
    process.stdout.write("plain\\n");
    process.stdout.write('{"level":"ERROR","message":"structured"}\\n');
    return body;
  });`;

/** Two invocations, everything that differs from run to run replaced. */
async function logOf(setup: Setup): Promise<readonly string[]> {
  const environment = await open({ bootstrap, functionName: "logged", ...setup });
  await environment.invoke({});
  await environment.invoke({});
  await environment.shutdown();
  return environment.logs.map(({ message }) =>
    message
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
      .replaceAll(/\d+\.\d\d ms/g, "N ms")
      .replaceAll(/(Billed Duration|Max Memory Used): \d+/g, "$1: N")
      .replaceAll(/"time":"[^"]*"/g, '"time":"T"')
      .replace(/"spans":\[\{"name":"extensionOverhead"[^\]]*\],/, "")
      .replaceAll(
        /"(durationMs|billedDurationMs|maxMemoryUsedMB|initDurationMs|producedBytes|instanceId)":[^,}]*/g,
        '"$1":N',
      ),
  );
}

describe.each(["Text", "JSON"] as const)("log format %s", (logFormat) => {
  const aboutExtensions = /^(EXTENSION|TELEMETRY)\t|"platform\.(extension|telemetrySubscription|logsDropped)"/;

  test("[OBS-01, OBS-02] is the same without an extension, with one, with a subscription and with one that is stuck", async () => {
    const bare = await logOf({ logFormat });
    const { port } = stuck.address() as AddressInfo;
    const others = [{ spy: follower }, { spy: subscriber(4243, listening) }, { spy: subscriber(port, "") }];
    const logs = [];
    for (const extensions of others) logs.push(await logOf({ logFormat, extensions }));
    expect(logs.map((lines) => lines.filter((line) => !aboutExtensions.test(line)))).toEqual([bare, bare, bare]);
    expect(bare.filter((line) => line === "plain\n")).toHaveLength(2);
  });
});

test("[OBS-01, OBS-28] the log of a cold and a warm invocation, with an extension that writes", async () => {
  const lines = await logOf({
    extensions: { spy: subscriber(4243, `${listening}\nprocess.stdout.write("from the extension\\n");`) },
  });
  const isFrom = (line: string) => ["from the extension\n", "starting\n"].includes(line);
  expect(lines.filter(isFrom).toSorted()).toEqual(["from the extension\n", "starting\n"]);
  const report =
    "REPORT RequestId: ID\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 128 MB\tMax Memory Used: N MB\t";
  expect(lines.filter((line) => !isFrom(line))).toEqual([
    expect.stringMatching(
      /^INIT_START Runtime Version: provided:al2023\.v\d+\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n$/,
    ),
    "TELEMETRY\tName: spy\tState: Subscribed\tTypes: [Platform, Function, Extension]\n",
    "EXTENSION\tName: spy\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n",
    "START RequestId: ID Version: $LATEST\n",
    "plain\n",
    '{"level":"ERROR","message":"structured"}\n',
    "END RequestId: ID\n",
    `${report}Init Duration: N ms\t\n`,
    "START RequestId: ID Version: $LATEST\n",
    "plain\n",
    '{"level":"ERROR","message":"structured"}\n',
    "END RequestId: ID\n",
    `${report}\n`,
  ]);
});

test("[OBS-31] records and system events below the levels are not in the log, and in telemetry all the same", async () => {
  const environment = await open({
    bootstrap,
    logFormat: "JSON",
    applicationLogLevel: "ERROR",
    systemLogLevel: "WARN",
  });
  await environment.invoke({});
  await environment.shutdown();
  expect(environment.logs.map(({ message }) => message)).toEqual(['{"level":"ERROR","message":"structured"}\n']);
  expect(environment.telemetry.ofType("platform.report")).toHaveLength(1);
  expect(environment.telemetry.ofType("function").map(({ record }) => record)).toContain("plain\n");
});

test("[OBS-05, OBS-07] group and stream are named as configured, and the runtime is told so", async () => {
  const tell =
    "await serve(() => JSON.stringify([process.env.AWS_LAMBDA_LOG_GROUP_NAME, process.env.AWS_LAMBDA_LOG_STREAM_NAME]));";
  const environment = await open({
    bootstrap: tell,
    functionName: "parcels",
    functionVersion: "7",
    logGroup: "shared/group",
  });
  const { payload } = await environment.invoke({});
  const { group, stream } = environment.logs;
  expect(group).toBe("shared/group");
  expect(stream).toMatch(/^\d{4}\/\d\d\/\d\d\/parcels\[7\][0-9a-f]{32}$/);
  expect(payload).toEqual([group, stream]);
});

test("events are found by CloudWatch's filter patterns", async () => {
  const environment = await open({ bootstrap });
  await environment.invoke({});
  const messages = (pattern: string) => environment.logs.matching(pattern).map(({ message }) => message);
  expect(messages("{ $.level = ERROR }")).toEqual(['{"level":"ERROR","message":"structured"}\n']);
  expect(messages("?plain ?starting")).toEqual(["starting\n", "plain\n"]);
  expect(() => environment.logs.matching("a:b")).toThrow(expect.objectContaining({ code: "filter-pattern-invalid" }));
});

test("new events come by themselves, until the environment is gone", async () => {
  const environment = await open({ bootstrap });
  const followed = (async () => {
    const messages: string[] = [];
    for await (const { message } of environment.logs) messages.push(message);
    return messages;
  })();
  await environment.invoke({});
  await environment.shutdown();
  expect(await followed).toEqual(environment.logs.map(({ message }) => message));
});

async function stored(directory: string) {
  const logs = await openStoredLogs(directory);
  const events = [];
  for await (const event of logs.read({ since: 0, pattern: "" })) events.push(event);
  await logs.close();
  return events;
}

const eventsOf = (environment: Environment) =>
  [...environment.logs].map(({ timestamp, message }) => ({ timestamp, message }));

test("[OBS-06, OBS-09] everything is kept as one event each, of function and extension in one stream, across a reset", async () => {
  const dataDirectory = join(writeCode({}), "data");
  const extensions = { spy: `process.stdout.write("from the extension\\n");\n${follower}` };
  const environment = await open({ bootstrap, extensions, dataDirectory, functionName: "kept", region: "eu-west-1" });
  await environment.invoke({});
  environment.reset();
  await environment.invoke({});
  await environment.shutdown();
  const events = await stored(dataDirectory);
  const { stream } = environment.logs;
  expect(new Set(events.map(({ region, logGroup, logStream }) => [region, logGroup, logStream].join(" ")))).toEqual(
    new Set([`eu-west-1 /aws/lambda/kept ${stream}`]),
  );
  expect(events.map(({ message }) => message).filter((message) => message === "from the extension\n")).toHaveLength(2);
  const byTime = eventsOf(environment).toSorted((one, other) => one.timestamp - other.timestamp);
  expect(events.map(({ timestamp, message }) => ({ timestamp, message }))).toEqual(byTime);
});
