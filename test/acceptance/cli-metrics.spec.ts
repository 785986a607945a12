/** `lambdarium metrics`: metrics that `lambdarium invoke` kept. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { lambdarium, newDirectory, newFunction } from "../fixtures/command-line.ts";

const publishing = `await serve(({ body }) => {
  const metric = { Namespace: "Shop", Dimensions: [["service"]], Metrics: [{ Name: "orders", Unit: "Count" }] };
  console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] }, service: "till", orders: 3 }));
  return body;
});`;

async function kept(): Promise<string> {
  const directory = join(newDirectory(), "kept");
  const invoked = await lambdarium([
    "invoke",
    newFunction(publishing),
    "--count=4",
    "--function-name=shop",
    `--data-dir=${directory}`,
  ]);
  expect(invoked.code).toBe(0);
  return directory;
}

test("[OBS-41, OBS-54] metrics of earlier runs are a table for each function and set of dimensions", async () => {
  const { code, stdout, stderr } = await lambdarium(["metrics", "--data-dir", await kept()]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [title, heads, ...rows] = stdout.split("\n");
  expect(title).toBe("AWS/Lambda  FunctionName=shop");
  expect(heads?.trim().split(/\s+/u)).toEqual(["sum", "average", "minimum", "p90", "maximum"]);
  expect(rows).toContainEqual(expect.stringMatching(/^ {2}Invocations +4 +1 +1 +1 +1 +[·▁▂▃▄▅▆▇█]{20}$/u));
  expect(rows).toContainEqual(expect.stringMatching(/^ {2}Errors +0 /u));
  expect(rows).toContainEqual(expect.stringMatching(/^ {2}Duration +[\d.]+ ms /u));
  expect(rows).toContain("Shop  service=till");
  expect(rows).toContainEqual(expect.stringMatching(/^ {2}orders +12 +3 /u));
});

test("with --json they are one document, and a function's name chooses its own", async () => {
  const directory = await kept();
  const all = await lambdarium(["metrics", "--json", "--data-dir", directory]);
  expect(JSON.parse(all.stdout)).toMatchObject({
    metrics: expect.arrayContaining([
      expect.objectContaining({
        namespace: "Shop",
        name: "orders",
        dimensions: { service: "till" },
        sum: 12,
        sampleCount: 4,
      }),
    ]),
  });
  const own = await lambdarium(["metrics", "shop", "--json", "--data-dir", directory]);
  const { metrics } = JSON.parse(own.stdout) as { metrics: { namespace: string; name: string }[] };
  expect(metrics.map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
    "AWS/Lambda Duration",
    "AWS/Lambda Errors",
    "AWS/Lambda Invocations",
  ]);
  const nobody = await lambdarium(["metrics", "nobody", "--data-dir", directory]);
  expect(nobody).toMatchObject({ code: 0, stdout: "No metrics in that time.\n" });
});

test("where nothing was kept, that is said", async () => {
  const { code, stdout, stderr } = await lambdarium(["metrics", "--data-dir", "nowhere"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("No logs, metrics or traces have been kept in nowhere.");
});
