/** AWS's Powertools inside a function: where their metrics and logs end. */
import { join } from "node:path";
import { createEnvironment, type Environment } from "lambdarium";
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect, test, vi } from "vitest";
import { describeClient } from "./installed-client.ts";
import { serveObservability } from "./served-observability.ts";
import { scratchDirectory } from "./told.ts";

describeClient("powertools", (directory) => {
  const scratch = scratchDirectory();
  const open = (options: object = {}): Promise<Environment> =>
    createEnvironment({
      sandbox: "process",
      function: directory,
      functionName: "shop",
      runtime: "nodejs20.x",
      handler: "index.handler",
      memorySizeMb: 512,
      timeoutMs: 60_000,
      ...options,
    });

  test.each(["Text", "JSON"] as const)(
    "[OBS-52, OBS-53, OBS-54, OBS-57] with log format %s the library has the metrics of Powertools",
    async (logFormat) => {
      await using environment = await open({ logFormat });
      await environment.invoke({ orders: 3, customer: "Ada" });
      await environment.invoke({ orders: 5, customer: "Bob" });
      const { metrics } = environment;
      expect(metrics.values("orders").toSorted((a, b) => a - b)).toEqual([1, 1, 3, 5]);
      expect(metrics.statistic("latency", "Average", { dimensions: { service: "till" } })).toBe(12.5);
      expect(metrics.sum("visits", { dimensions: { service: "till", zone: "a" } })).toBe(2);
      expect(metrics.sum("ColdStart")).toBe(1);
      expect(metrics.list()).toContainEqual(
        expect.objectContaining({ namespace: "Shop", name: "latency", unit: "Milliseconds", sampleCount: 2 }),
      );
    },
  );

  test("[OBS-52, OBS-58] CloudWatch has the metrics of Powertools, and Logs Insights the fields of their logs", async () => {
    const kept = join(scratch, "kept");
    const began = Math.floor(Date.now() / 60_000) * 60_000;
    await using environment = await open({ dataDirectory: kept });
    await environment.invoke({ orders: 3, customer: "Ada" });
    await environment.invoke({ orders: 5, customer: "Bob" });
    await environment.shutdown();

    const { endpoint } = await serveObservability(kept);
    const settings = { endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    const cloudWatch = new CloudWatchClient(settings);
    const { Metrics } = await cloudWatch.send(new ListMetricsCommand({ Namespace: "Shop" }));
    expect(new Set(Metrics?.map(({ MetricName }) => MetricName))).toEqual(
      new Set(["orders", "latency", "visits", "ColdStart"]),
    );
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(began),
        EndTime: new Date(began + 3_600_000),
        MetricDataQueries: [
          {
            Id: "orders",
            MetricStat: {
              Metric: { Namespace: "Shop", MetricName: "orders", Dimensions: [{ Name: "service", Value: "till" }] },
              Period: 3600,
              Stat: "Sum",
            },
          },
        ],
      }),
    );
    expect(MetricDataResults?.[0]?.Values).toEqual([10]);
    cloudWatch.destroy();

    const logs = new CloudWatchLogsClient(settings);
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName: "/aws/lambda/shop",
        startTime: began / 1000,
        endTime: began / 1000 + 3600,
        queryString:
          'filter level = "INFO" | fields message, order.customer as customer, service, cold_start | sort customer',
      }),
    );
    const answer = await vi.waitFor(
      async (): Promise<GetQueryResultsCommandOutput> => {
        const results = await logs.send(new GetQueryResultsCommand({ queryId }));
        expect(results.status).toBe("Complete");
        return results;
      },
      { timeout: 60_000, interval: 50 },
    );
    const rows = answer.results?.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
    expect(rows).toMatchObject([
      { message: "order taken", customer: "Ada", service: "till", cold_start: "1" },
      { message: "order taken", customer: "Bob", service: "till", cold_start: "0" },
    ]);
    logs.destroy();
  });
});
