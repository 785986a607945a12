/** CloudWatch Logs through both versions of the AWS CLI, boto3 and the SDK for JavaScript, which know the endpoint only. */
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type LiveTailSessionUpdate,
  StartLiveTailCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeClient, describeUnless } from "./installed-client.ts";
import { type LogsEndpoint, openLogsEndpoint, type Program, start, variables } from "./logs-endpoint.ts";
import { scratchDirectory } from "./told.ts";

const group = "/aws/lambda/parcels";
const groupArn = `arn:aws:logs:us-east-1:123456789012:log-group:${group}`;
const patience = { timeout: 60_000, interval: 100 };

/** Declares a served log, and what runs against it. */
function withLogs(): () => LogsEndpoint {
  const scratch = scratchDirectory();
  let served: LogsEndpoint;
  beforeAll(async () => {
    served = await openLogsEndpoint(scratch);
    for (const parcel of [1, 2, 3]) await served.environment.invoke({ parcel });
    // They get to another connection a quarter of a second later.
    await vi.waitUntil(async () => (await reportsAt(served.endpoint)) === 3, patience);
  });
  afterAll(() => served.close());
  return () => served;
}

async function reportsAt(endpoint: string): Promise<number> {
  const headers = { "x-amz-target": "Logs_20140328.FilterLogEvents" };
  const body = JSON.stringify({ logGroupName: group, filterPattern: "REPORT" });
  const answer = (await (await fetch(endpoint, { method: "POST", headers, body })).json()) as { events?: unknown[] };
  return answer.events?.length ?? 0;
}

const running = new Set<Program>();
afterAll(() => {
  for (const program of running) program.process.kill("SIGKILL");
});
/** What ends only when it is told to. */
function follow(command: readonly string[], env: Readonly<Record<string, string>>): Program {
  const program = start(command, env);
  running.add(program);
  return program;
}

describeClient("aws-cli", (directory) => {
  const logs = withLogs();
  const python = { PYTHONPATH: join(directory, "python"), PYTHONUNBUFFERED: "1" };
  const aws = async (...args: readonly string[]): Promise<unknown> => {
    const program = start(["python3", "-m", "awscli", "logs", ...args], { ...variables(logs().endpoint), ...python });
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout === "" ? undefined : (JSON.parse(stdout) as unknown);
  };

  test("[OBS-04, OBS-05] aws logs describe-log-groups and describe-log-streams find what the function wrote to", async () => {
    expect(await aws("describe-log-groups")).toMatchObject({ logGroups: [{ logGroupName: group }] });
    const { stream } = logs().environment.logs;
    expect(await aws("describe-log-streams", "--log-group-name", group)).toMatchObject({
      logStreams: [{ logStreamName: stream }],
    });
  });

  test("[OBS-09, OBS-10] aws logs get-log-events gives the whole log in order", async () => {
    const { stream } = logs().environment.logs;
    const got = await aws(
      "get-log-events",
      "--log-group-name",
      group,
      "--log-stream-name",
      stream,
      "--start-from-head",
    );
    const messages = (got as { events: { message: string }[] }).events.map(({ message }) => message);
    const byTime = [...logs().environment.logs].toSorted((one, other) => one.timestamp - other.timestamp);
    expect(messages).toEqual(byTime.map(({ message }) => message));
  });

  test("aws logs filter-log-events finds by terms and by JSON selectors, over pages of its own", async () => {
    const filter = (pattern: string) =>
      aws("filter-log-events", "--log-group-name", group, "--filter-pattern", pattern, "--page-size", "2");
    expect(await filter("REPORT")).toMatchObject({ events: [{}, {}, {}] });
    const { events } = (await filter('{ $.level = "ERROR" && $.parcel > 1 }')) as { events: { message: string }[] };
    expect(events.map(({ message }) => JSON.parse(message) as unknown)).toEqual([{ level: "ERROR", parcel: 3 }]);
  });

  test("aws logs start-live-tail shows what is written while it runs", async () => {
    // Without this the client looks for a host named stream-127.0.0.1.
    const env = { ...variables(logs().endpoint), ...python, AWS_DISABLE_HOST_PREFIX_INJECTION: "true" };
    const tail = follow(
      [
        "python3",
        "-m",
        "awscli",
        "logs",
        "start-live-tail",
        "--log-group-identifiers",
        groupArn,
        "--log-event-filter-pattern",
        "parcel",
      ],
      env,
    );
    // The session begins at some moment: what is written before it is not shown.
    await expect
      .poll(async () => {
        await logs().environment.invoke({ parcel: 77 });
        return tail.shown();
      }, patience)
      .toContain("parcel 77");
    tail.process.kill("SIGKILL");
    await tail.ended;
    expect(tail.shown()).not.toContain("REPORT");
  });

  test("boto3 ships logs and reads them, with the errors it knows by name", async () => {
    const script = `
import boto3, time
logs = boto3.client("logs")
name, now = "shipped", int(time.time() * 1000)
logs.create_log_group(logGroupName=name)
try: logs.create_log_group(logGroupName=name)
except logs.exceptions.ResourceAlreadyExistsException as error: print(error.response["Error"]["Message"])
try: logs.get_log_events(logGroupName=name, logStreamName="none")
except logs.exceptions.ResourceNotFoundException as error: print(error.response["Error"]["Message"])
logs.create_log_stream(logGroupName=name, logStreamName="s")
events = [{"timestamp": now - 100 + i, "message": f"event {i}"} for i in range(100)]
logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=events)
pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name, filterPattern="event", PaginationConfig={"PageSize": 30})
print([len(page["events"]) for page in pages])
token, seen = None, 0
while True:
    page = logs.get_log_events(logGroupName=name, logStreamName="s", limit=40, startFromHead=True, **({"nextToken": token} if token else {}))
    seen += len(page["events"])
    if page["nextForwardToken"] == token: break
    token = page["nextForwardToken"]
print(seen)
logs.put_retention_policy(logGroupName=name, retentionInDays=1)
print(logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"])
logs.delete_log_group(logGroupName=name)
print([group["logGroupName"] for page in logs.get_paginator("describe_log_groups").paginate() for group in page["logGroups"]])
`;
    const { code, stdout, stderr } = await start(["python3", "-c", script], {
      ...variables(logs().endpoint),
      ...python,
    }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n")).toEqual([
      "The specified log group already exists",
      "The specified log stream does not exist.",
      expect.stringMatching(/^\[30, 30, 30, 10(, 0)?\]$/),
      "100",
      "1",
      "['/aws/lambda/parcels']",
    ]);
  });
});

describeClient("aws-cli-2", (directory) => {
  const logs = withLogs();
  // Debian's version is older than the variable AWS_ENDPOINT_URL.
  const tail = (...args: readonly string[]): readonly string[] => [
    join(directory, "aws"),
    "--endpoint-url",
    logs().endpoint,
    "logs",
    "tail",
    group,
    "--since",
    "1h",
    "--format",
    "short",
    ...args,
  ];

  test("aws logs tail --follow shows the log, and what is written while it runs", async () => {
    const program = follow(tail("--follow"), { ...variables(logs().endpoint), PYTHONUNBUFFERED: "1" });
    await expect.poll(program.shown, patience).toContain("parcel 3");
    await logs().environment.invoke({ parcel: 88 });
    await expect.poll(program.shown, patience).toContain("parcel 88");
    program.process.kill("SIGKILL");
    await program.ended;
    const shown = program.shown().split("\n");
    expect(shown.filter((line) => /parcel \d/.test(line))).toHaveLength(4);
  });

  test("aws logs tail --filter-pattern shows what matches", async () => {
    const command = tail("--filter-pattern", '{ $.level = "INFO" }');
    const { code, stdout } = await start(command, variables(logs().endpoint)).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/"parcel":2\}/);
    expect(stdout).not.toContain("ERROR");
  });
});

describeUnless(undefined, "@aws-sdk/client-cloudwatch-logs", () => {
  const logs = withLogs();
  const clientOf = (more: object = {}) =>
    new CloudWatchLogsClient({
      endpoint: logs().endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      ...more,
    });

  test("FilterLogEvents finds what a real function wrote", async () => {
    const client = clientOf();
    const { events } = await client.send(
      new FilterLogEventsCommand({ logGroupName: group, filterPattern: '"parcel 2"' }),
    );
    expect(events?.map(({ message }) => message?.split("\t").at(-1))).toEqual(["parcel 2\n"]);
    client.destroy();
  });

  test("StartLiveTail shows what is written while it runs", async () => {
    const client = clientOf({ disableHostPrefix: true });
    const { responseStream } = await client.send(
      new StartLiveTailCommand({ logGroupIdentifiers: [groupArn], logEventFilterPattern: "parcel" }),
    );
    const invoked = logs().environment.invoke({ parcel: 99 });
    const updates = responseStream![Symbol.asyncIterator]();
    const seen: (string | undefined)[] = [];
    // The first says that the session has begun.
    await updates.next();
    await expect
      .poll(async () => {
        const { value } = (await updates.next()) as { value: { sessionUpdate: LiveTailSessionUpdate } };
        const { sessionResults = [] } = value.sessionUpdate;
        return seen.push(...sessionResults.map(({ message }) => message?.split("\t").at(-1)));
      }, patience)
      .toBe(2);
    await updates.return?.();
    await invoked;
    expect(seen).toEqual(["parcel 99\n", '{"level":"ERROR","parcel":99}\n']);
    client.destroy();
  });
});
