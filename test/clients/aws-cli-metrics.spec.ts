/** CloudWatch's metrics and Logs Insights through both versions of the AWS CLI and boto3, which know the endpoint only. */
import { join } from "node:path";
import { createEnvironment } from "lambdarium";
import { beforeAll, expect, test, vi } from "vitest";
import { describeClient } from "./installed-client.ts";
import { start, variables } from "./logs-endpoint.ts";
import { serveObservability } from "./served-observability.ts";
import { scratchDirectory } from "./told.ts";
import { writeFiles } from "../fixtures/programs.ts";

const handler = `export const handler = async ({ fail, order }) => {
  console.log("order", JSON.stringify({ order, price: order * 2.5 }));
  const metric = { Namespace: "Shop", Dimensions: [["service"]], Metrics: [{ Name: "orders", Unit: "Count" }] };
  process.stdout.write(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] }, service: "till", orders: order }) + "\\n");
  if (fail) throw new Error("no");
};`;

/** A function that was invoked three times, once in vain, and everything that is kept of it behind an endpoint. */
function withMetrics() {
  const scratch = scratchDirectory();
  const began = new Date(Math.floor((Date.now() - 60_000) / 60_000) * 60_000);
  let endpoint: string;
  beforeAll(async () => {
    const kept = join(scratch, "kept");
    await using environment = await createEnvironment({
      sandbox: "process",
      function: writeFiles(join(scratch, "function"), { "index.mjs": handler }),
      functionName: "shop",
      dataDirectory: kept,
    });
    for (const order of [1, 2, 3]) await environment.invoke({ order, fail: order === 2 });
    await environment.shutdown();
    endpoint = (await serveObservability(kept)).endpoint;
  });
  return { began, endpoint: () => endpoint };
}

const python = (directory: string) => ({ PYTHONPATH: join(directory, "python"), PYTHONUNBUFFERED: "1" });

describeClient("aws-cli", (directory) => testCli(["python3", "-m", "awscli"], python(directory)));
describeClient("aws-cli-2", (directory) => testCli([join(directory, "aws")], {}));

function testCli(command: readonly string[], env: Readonly<Record<string, string>>): void {
  const { began, endpoint } = withMetrics();
  const range = () => ["--start-time", began.toISOString(), "--end-time", new Date(Date.now() + 60_000).toISOString()];
  const aws = async (...args: readonly string[]): Promise<unknown> => {
    const all = [...command, "--endpoint-url", endpoint(), "--output", "json", ...args];
    const { code, stdout, stderr } = await start(all, { ...variables(""), ...env }).ended;
    if (code !== 0) throw new Error(stderr);
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  };

  test("[OBS-42, OBS-43] list-metrics names Lambda's metrics with their dimensions", async () => {
    const listed = await aws("cloudwatch", "list-metrics", "--namespace", "AWS/Lambda", "--metric-name", "Invocations");
    const invocations = { Namespace: "AWS/Lambda", MetricName: "Invocations" };
    expect(listed).toEqual({
      Metrics: expect.arrayContaining([
        { ...invocations, Dimensions: [{ Name: "FunctionName", Value: "shop" }] },
        { ...invocations, Dimensions: [] },
      ]),
    });
  });

  test("[OBS-43, OBS-44, OBS-54] get-metric-data has statistics, expressions and embedded metrics", async () => {
    const of = (Namespace: string, MetricName: string, Name: string, Value: string) => ({
      Metric: { Namespace, MetricName, Dimensions: [{ Name, Value }] },
      Period: 86_400,
      Stat: "Sum",
    });
    const queries = [
      { Id: "calls", MetricStat: of("AWS/Lambda", "Invocations", "FunctionName", "shop") },
      { Id: "errors", MetricStat: of("AWS/Lambda", "Errors", "FunctionName", "shop") },
      { Id: "rate", Expression: "errors / calls * 100", Label: "Error rate" },
      { Id: "orders", MetricStat: of("Shop", "orders", "service", "till") },
    ];
    const data = await aws(
      "cloudwatch",
      "get-metric-data",
      "--metric-data-queries",
      JSON.stringify(queries),
      ...range(),
    );
    expect(data).toMatchObject({
      MetricDataResults: [
        { Id: "calls", Label: "Invocations", Values: [3], StatusCode: "Complete" },
        { Id: "errors", Label: "Errors", Values: [1] },
        { Id: "rate", Label: "Error rate", Values: [expect.closeTo(33.333, 2)] },
        { Id: "orders", Label: "orders", Values: [6] },
      ],
    });
  });

  test("[OBS-46] get-metric-statistics has the durations, percentiles included", async () => {
    const statistics = await aws(
      "cloudwatch",
      "get-metric-statistics",
      "--namespace",
      "AWS/Lambda",
      "--metric-name",
      "Duration",
      "--dimensions",
      "Name=FunctionName,Value=shop",
      "--period",
      "86400",
      ...range(),
      "--statistics",
      "SampleCount",
      "Maximum",
    );
    expect(statistics).toMatchObject({
      Label: "Duration",
      Datapoints: [{ SampleCount: 3, Maximum: expect.any(Number), Unit: "Milliseconds" }],
    });
  });

  test("put-metric-data publishes what get-metric-statistics then gives", async () => {
    await aws(
      "cloudwatch",
      "put-metric-data",
      "--namespace",
      "Visits",
      "--metric-name",
      "pages",
      "--value",
      "4.5",
      "--dimensions",
      "zone=a",
      "--unit",
      "Count",
    );
    const statistics = await aws(
      "cloudwatch",
      "get-metric-statistics",
      "--namespace",
      "Visits",
      "--metric-name",
      "pages",
      "--dimensions",
      "Name=zone,Value=a",
      "--period",
      "86400",
      ...range(),
      "--extended-statistics",
      "p99",
    );
    expect(statistics).toMatchObject({ Datapoints: [{ Unit: "Count", ExtendedStatistics: { p99: 4.5 } }] });
  });

  test("an error has the code that the documentation names", async () => {
    await expect(
      aws("cloudwatch", "put-metric-data", "--namespace", "AWS/Lambda", "--metric-name", "m", "--value", "1"),
    ).rejects.toThrow("An error occurred (InvalidParameterValue) when calling the PutMetricData operation");
  });

  const seconds = (date: number): string => String(Math.floor(date / 1000));
  const query = async (text: string) => {
    const started = (await aws(
      "logs",
      "start-query",
      "--log-group-name",
      "/aws/lambda/shop",
      "--query-string",
      text,
      "--start-time",
      seconds(began.getTime()),
      "--end-time",
      seconds(Date.now() + 1000),
    )) as { queryId: string };
    return vi.waitFor(
      async () => {
        const answer = await aws("logs", "get-query-results", "--query-id", started.queryId);
        expect(answer).toMatchObject({ status: "Complete" });
        return answer as { results: readonly { field: string; value: string }[][] };
      },
      { timeout: 60_000, interval: 100 },
    );
  };

  test("start-query and get-query-results count what was paid for", async () => {
    const { results } = await query('filter @type = "REPORT" | stats count(*) as calls, max(@memorySize) as memory');
    expect(results).toEqual([
      [
        { field: "calls", value: "3" },
        { field: "memory", value: "128000000" },
      ],
    ]);
  });

  test("start-query finds fields in JSON between other text, and sorts", async () => {
    const { results } = await query("filter ispresent(price) | fields order, price | sort order desc | limit 2");
    expect(results.map((row) => row.filter(({ field }) => field !== "@ptr").map(({ value }) => value))).toEqual([
      ["3", "7.5"],
      ["2", "5"],
    ]);
  });

  test("start-query refuses what it does not understand", async () => {
    await expect(query("fields @message | lmit 2")).rejects.toThrow(
      // How often it was tried stands between, in the second version.
      /An error occurred \(MalformedQueryException\) when calling the StartQuery operation.*: unexpected symbol found lmit/,
    );
  });
}

describeClient("aws-cli", (directory) => {
  const { endpoint } = withMetrics();

  test("boto3 puts a thousand values compressed, and reads them page by page", async () => {
    const program = `
import boto3, datetime, json
client = boto3.client("cloudwatch", endpoint_url=${JSON.stringify(endpoint())})
now = datetime.datetime.now(datetime.timezone.utc)
client.put_metric_data(Namespace="Many", MetricData=[{"MetricName": "m", "Value": i, "Timestamp": now - datetime.timedelta(minutes=i)} for i in range(1000)])
query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "Many", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}
pages = client.get_paginator("get_metric_data").paginate(MetricDataQueries=[query], StartTime=now - datetime.timedelta(days=2), EndTime=now + datetime.timedelta(minutes=1), PaginationConfig={"PageSize": 300})
sizes = [len(result["Values"]) for page in pages for result in page["MetricDataResults"]]
print(json.dumps(sizes))
`;
    const { code, stdout, stderr } = await start(["python3", "-c", program], {
      ...variables(""),
      ...python(directory),
    }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual([300, 300, 300, 100]);
  });
});
