/** The whole life of a function by AWS's client for JavaScript, which is told the endpoint and nothing else. */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  DeleteLayerVersionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetPolicyCommand,
  InvalidParameterValueException,
  InvalidRequestContentException,
  InvokeCommand,
  type InvokeCommandOutput,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  LambdaServiceException,
  paginateListAliases,
  paginateListFunctions,
  paginateListFunctionUrlConfigs,
  paginateListLayers,
  paginateListLayerVersions,
  paginateListVersionsByFunction,
  PreconditionFailedException,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionExists,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { type ServiceProcess, startServiceProcess } from "../fixtures/service-process.ts";
import { scratchDirectory } from "./told.ts";

const scratch = scratchDirectory();
let service: ServiceProcess;
let client: LambdaClient;
beforeAll(async () => {
  service = await startServiceProcess(scratch);
  const credentials = { accessKeyId: "x", secretAccessKey: "y" };
  client = new LambdaClient({ endpoint: service.endpoint, region: "us-east-1", credentials });
});
afterAll(async () => {
  client.destroy();
  await service.end("SIGTERM");
});

const archive = async (files: Parameters<typeof zip>[0]): Promise<Uint8Array> =>
  Buffer.from(await zip(files), "base64");

/** Answers with what the layer and the variables say; asked for a stream, it streams. */
const handler = (word: string): string => `
const greet = require("greeting");
exports.handler = async (event, context) => {
  console.log("the function said this");
  if (event.fails) throw new TypeError("as asked");
  return [greet("${word}"), process.env.TONE ?? "none", context.functionVersion, context.invokedFunctionArn.split(":")[7] ?? ""];
};
exports.streams = awslambda.streamifyResponse(async (event, stream) => {
  for (const part of event.parts) stream.write(part);
  stream.end();
});`;

const extension = `#!${process.execPath}
const base = \`http://\${process.env.AWS_LAMBDA_RUNTIME_API}/2020-01-01/extension\`;
(async () => {
  const headers = { "Lambda-Extension-Name": "watcher" };
  const answer = await fetch(base + "/register", { method: "POST", headers, body: '{"events":["INVOKE","SHUTDOWN"]}' });
  const own = { "Lambda-Extension-Identifier": answer.headers.get("lambda-extension-identifier") };
  for (let event = {}; event.eventType !== "SHUTDOWN"; ) event = await (await fetch(base + "/event/next", { headers: own })).json();
})();`;

const layer = (greeting: string): Promise<Uint8Array> =>
  archive({
    "nodejs/node_modules/greeting/index.js": `module.exports = (word) => "${greeting}, " + word;`,
    "extensions/watcher": { content: extension, mode: 0o100_755 },
  });

const answered = ({ Payload, FunctionError }: InvokeCommandOutput): unknown =>
  FunctionError ?? JSON.parse(Payload?.transformToString() ?? "null");

const invoke = async (FunctionName: string, Qualifier?: string): Promise<unknown> =>
  answered(await client.send(new InvokeCommand({ FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) })));

/** The version that ran, each chunk as text, and the log at the end. */
async function streamed(FunctionName: string, event: object): Promise<unknown[]> {
  const Payload = Buffer.from(JSON.stringify(event));
  const asked = { FunctionName, Payload, LogType: "Tail" } as const;
  const { EventStream = [], ExecutedVersion } = await client.send(new InvokeWithResponseStreamCommand(asked));
  const seen: unknown[] = [ExecutedVersion];
  for await (const { PayloadChunk, InvokeComplete } of EventStream) {
    if (PayloadChunk !== undefined) seen.push(textOf(PayloadChunk.Payload));
    if (InvokeComplete !== undefined) seen.push(logOf(InvokeComplete));
  }
  return seen;
}

const textOf = (bytes: Uint8Array = Buffer.alloc(0)): string => Buffer.from(bytes).toString();

const logOf = ({ LogResult = "" }: { LogResult?: string | undefined }): string =>
  Buffer.from(LogResult, "base64").toString();

/** Everything that a paginator gives, as `pick` has it. */
async function all<Page, Item>(pages: AsyncIterable<Page>, pick: (page: Page) => Item[] | undefined): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(pick(page) ?? []));
  return items;
}

const waiting = (): { client: LambdaClient; maxWaitTime: number } => ({ client, maxWaitTime: 60 });

async function publishLayer(name: string, greeting: string): Promise<string> {
  const Content = { ZipFile: await layer(greeting) };
  const made = await client.send(new PublishLayerVersionCommand({ LayerName: name, Content }));
  return made.LayerVersionArn ?? "none";
}

async function create(FunctionName: string, word: string, rest: object = {}): Promise<void> {
  const Code = { ZipFile: await archive({ "index.js": handler(word) }) };
  const made = { FunctionName, Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Code, ...rest } as const;
  await client.send(new CreateFunctionCommand({ Timeout: 20, ...made }));
  expect(await waitUntilFunctionActiveV2(waiting(), { FunctionName })).toMatchObject({ state: "SUCCESS" });
}

test("[SVC-272] a function with layers, versions, an alias and a URL from its creation to its deletion", async () => {
  const FunctionName = "life";
  const first = await publishLayer("greeting", "Hello");
  await create(FunctionName, "one", { Layers: [first] });
  expect(await waitUntilFunctionExists(waiting(), { FunctionName })).toMatchObject({ state: "SUCCESS" });

  const tail = await client.send(new InvokeCommand({ FunctionName, LogType: "Tail" }));
  expect(answered(tail)).toEqual(["Hello, one", "none", "$LATEST", ""]);
  expect(logOf(tail)).toMatch(/EXTENSION\tName: watcher\tState: Ready[^]*the function said this[^]*REPORT RequestId/u);
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
  const published = await waitUntilPublishedVersionActive(waiting(), { FunctionName, Qualifier: Version });
  expect(published).toMatchObject({ state: "SUCCESS" });
  const alias = { FunctionName, Name: "live" };
  await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: "1" }));

  const second = await publishLayer("greeting", "Good evening");
  const Environment = { Variables: { TONE: "warm" } };
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers: [second], Environment }));
  expect(await waitUntilFunctionUpdatedV2(waiting(), { FunctionName })).toMatchObject({ state: "SUCCESS" });
  const ZipFile = await archive({ "index.js": handler("two") });
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  expect(await waitUntilFunctionUpdatedV2(waiting(), { FunctionName })).toMatchObject({ state: "SUCCESS" });
  expect(await invoke(FunctionName)).toEqual(["Good evening, two", "warm", "$LATEST", ""]);
  expect(await invoke(FunctionName, "live")).toEqual(["Hello, one", "none", "1", "live"]);

  await client.send(new PublishVersionCommand({ FunctionName }));
  const { RevisionId } = await client.send(new GetAliasCommand(alias));
  await client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: "2", RevisionId }));
  expect(await invoke(FunctionName, "live")).toEqual(["Good evening, two", "warm", "2", "live"]);
  const stale = client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: "1", RevisionId }));
  await expect(stale).rejects.toBeInstanceOf(PreconditionFailedException);

  const web = { FunctionName, Qualifier: "live" };
  const { FunctionUrl = "" } = await client.send(new CreateFunctionUrlConfigCommand({ ...web, AuthType: "NONE" }));
  const anybody = { StatementId: "anybody", Action: "lambda:InvokeFunctionUrl", Principal: "*" };
  await client.send(new AddPermissionCommand({ ...web, ...anybody, FunctionUrlAuthType: "NONE" }));
  const { Policy = "{}" } = await client.send(new GetPolicyCommand(web));
  expect(JSON.parse(Policy)).toMatchObject({ Statement: [{ Sid: "anybody" }] });
  expect(await (await fetch(FunctionUrl)).json()).toEqual(["Good evening, two", "warm", "2", "live"]);

  await client.send(new DeleteFunctionUrlConfigCommand(web));
  await client.send(new DeleteAliasCommand(alias));
  await client.send(new DeleteFunctionCommand({ FunctionName }));
  for (const Version of [1, 2])
    await client.send(new DeleteLayerVersionCommand({ LayerName: "greeting", VersionNumber: Version }));
  const gone = client.send(new GetFunctionCommand({ FunctionName }));
  await expect(gone).rejects.toBeInstanceOf(ResourceNotFoundException);
  const layerGone = client.send(new GetLayerVersionByArnCommand({ Arn: second }));
  await expect(layerGone).rejects.toBeInstanceOf(ResourceNotFoundException);
});

test("[SVC-272] [SVC-153] a streamed answer comes as events, whatever the handler", async () => {
  const Layers = [await publishLayer("streaming", "Hello")];
  await create("streams", "all", { Handler: "index.streams", Layers });
  await create("whole", "all", { Layers });
  const [version, ...parts] = await streamed("streams", { parts: ["a", "b", "ü"] });
  expect([version, parts.slice(0, -1).join("")]).toEqual(["$LATEST", "abü"]);
  expect(parts.at(-1)).toMatch(/REPORT RequestId/u);
  const whole = await streamed("whole", {});
  expect(whole.slice(1, -1).join("")).toBe('["Hello, all","none","$LATEST",""]');
});

test("[SVC-272] an Event is accepted, a DryRun says nothing, a function's error is no exception", async () => {
  const FunctionName = "kinds";
  await create(FunctionName, "x", { Layers: [await publishLayer("kinds", "Hi")] });
  const status = async (InvocationType: "DryRun" | "Event"): Promise<number | undefined> =>
    (await client.send(new InvokeCommand({ FunctionName, InvocationType }))).StatusCode;
  expect([await status("Event"), await status("DryRun")]).toEqual([202, 204]);
  const failed = await client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"fails":true}') }));
  expect([failed.StatusCode, failed.FunctionError]).toEqual([200, "Unhandled"]);
  expect(JSON.parse(textOf(failed.Payload))).toMatchObject({
    errorType: "TypeError",
    errorMessage: "as asked",
  });
});

test("[SVC-272] [SVC-09] each refusal has the class of its name, and its text", async () => {
  const FunctionName = "refuses";
  await create(FunctionName, "x", { Layers: [await publishLayer("refuses", "Hi")] });
  const refusal = (sent: Promise<unknown>): Promise<unknown> =>
    sent.then(
      () => "was not refused",
      (error) => error,
    );
  const again = await refusal(create(FunctionName, "x"));
  expect(again).toBeInstanceOf(ResourceConflictException);
  expect(again).toMatchObject({
    message: `Function already exist: ${FunctionName}`,
    $metadata: { httpStatusCode: 409 },
  });
  const noRuntime = { FunctionName: "n", Role: role, Code: { ZipFile: await archive({ a: "" }) } };
  expect(await refusal(client.send(new CreateFunctionCommand(noRuntime)))).toBeInstanceOf(
    InvalidParameterValueException,
  );
  const noJson = new InvokeCommand({ FunctionName, Payload: Buffer.from("{no") });
  expect(await refusal(client.send(noJson))).toBeInstanceOf(InvalidRequestContentException);
  const broken = await refusal(client.send(new GetFunctionCommand({ FunctionName: "no name" })));
  expect(broken).toBeInstanceOf(LambdaServiceException);
  expect(broken).toMatchObject({ name: "ValidationException" });
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  const throttled = await refusal(client.send(new InvokeCommand({ FunctionName })));
  expect(throttled).toBeInstanceOf(TooManyRequestsException);
  expect(throttled).toMatchObject({ Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" });
});

test("[SVC-272] [SVC-17] every paginator gives each thing once", async () => {
  const FunctionName = "pages";
  await create(FunctionName, "x", { Layers: [await publishLayer("pages", "0")] });
  for (const Name of ["a", "b", "c"]) {
    const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: Version }));
    await client.send(new CreateFunctionUrlConfigCommand({ FunctionName, Qualifier: Name, AuthType: "NONE" }));
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: Name }));
    await waitUntilFunctionUpdatedV2(waiting(), { FunctionName });
    await publishLayer("pages", Name);
  }
  const of = { client, pageSize: 1 };
  // Each gets its own: a paginator leaves its last marker in what it was given.
  const functions = await all(paginateListFunctions(of, {}), ({ Functions }) => Functions);
  expect(functions.filter((one) => one.FunctionName === FunctionName)).toHaveLength(1);
  const versions = await all(paginateListVersionsByFunction(of, { FunctionName }), ({ Versions }) => Versions);
  expect(versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2", "3"]);
  const aliases = await all(paginateListAliases(of, { FunctionName }), ({ Aliases }) => Aliases);
  expect(aliases.map(({ Name }) => Name)).toEqual(["a", "b", "c"]);
  const urls = await all(
    paginateListFunctionUrlConfigs(of, { FunctionName }),
    ({ FunctionUrlConfigs }) => FunctionUrlConfigs,
  );
  expect(new Set(urls.map(({ FunctionArn }) => FunctionArn)).size).toBe(3);
  const layerVersions = await all(paginateListLayerVersions(of, { LayerName: "pages" }), (page) => page.LayerVersions);
  expect(layerVersions.map(({ Version }) => Version)).toEqual([4, 3, 2, 1]);
  const layers = await all(paginateListLayers(of, {}), ({ Layers }) => Layers);
  expect(layers.filter(({ LayerName }) => LayerName === "pages")).toHaveLength(1);
});
