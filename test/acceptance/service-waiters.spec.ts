/** AWS's own client for JavaScript against the service, told the endpoint and nothing else. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateFunctionCommand,
  LambdaClient,
  paginateListFunctions,
  PublishVersionCommand,
  ResourceNotFoundException,
  GetFunctionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActive,
  waitUntilFunctionActiveV2,
  waitUntilFunctionExists,
  waitUntilFunctionUpdated,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { endServices, startServiceProcess } from "../fixtures/service-process.ts";

let directory: string;
let client: LambdaClient;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "lambdarium-data-"));
  const { endpoint } = await startServiceProcess(directory);
  const credentials = { accessKeyId: "x", secretAccessKey: "y" };
  client = new LambdaClient({ endpoint, region: "us-east-1", credentials });
});
afterAll(async () => {
  client.destroy();
  await endServices();
  await rm(directory, { recursive: true, force: true });
});

const create = async (FunctionName: string, Runtime: "nodejs20.x" | "java21" = "nodejs20.x"): Promise<unknown> =>
  client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime,
      Role: role,
      Handler: "index.handler",
      Code: { ZipFile: Buffer.from(await zip({ "index.js": "exports.handler = async () => 1;" }), "base64") },
    }),
  );

test("[SVC-07, SVC-96] every waiter succeeds on a good function", async () => {
  await create("good");
  const waiting = { client, maxWaitTime: 60 };
  const FunctionName = "good";
  for (const wait of [waitUntilFunctionExists, waitUntilFunctionActive, waitUntilFunctionActiveV2])
    expect(await wait(waiting, { FunctionName })).toMatchObject({ state: "SUCCESS" });
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 }));
  for (const wait of [waitUntilFunctionUpdated, waitUntilFunctionUpdatedV2])
    expect(await wait(waiting, { FunctionName })).toMatchObject({ state: "SUCCESS" });
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
  const published = await waitUntilPublishedVersionActive(waiting, { FunctionName, Qualifier: Version });
  expect(published).toMatchObject({ state: "SUCCESS" });
});

test("[SVC-96] waiting for a failed function fails at once", async () => {
  await create("failed", "java21");
  const waited = waitUntilFunctionActiveV2({ client, maxWaitTime: 60 }, { FunctionName: "failed" });
  await expect(waited).rejects.toThrow(/FAILURE/);
});

test("[SVC-17] the paginator returns each function once", async () => {
  for (let count = 0; count < 7; count += 1) await create(`page-${count}`);
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client, pageSize: 2 }, {}))
    names.push(...Functions.map(({ FunctionName }) => String(FunctionName)));
  expect(names.filter((name) => name.startsWith("page-"))).toEqual(
    Array.from({ length: 7 }, (_, count) => `page-${count}`),
  );
});

test("[SVC-09] an error has the class of its name", async () => {
  await expect(client.send(new GetFunctionCommand({ FunctionName: "none" }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
});
