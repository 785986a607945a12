/** AWS's tracing libraries inside a function, and AWS's clients of X-Ray reading what came of it. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import {
  BatchGetTracesCommand,
  GetSamplingRulesCommand,
  GetServiceGraphCommand,
  GetTraceGraphCommand,
  GetTraceSummariesCommand,
  PutTraceSegmentsCommand,
  type TraceSummary,
  XRayClient,
} from "@aws-sdk/client-xray";
import { createEnvironment, type EnvironmentOptions, type TraceSegment } from "lambdarium";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../src/aws-api/front-door.ts";
import { type Observability, openObservability } from "../../src/observability/open-observability.ts";
import { describeClient, describeUnless } from "./installed-client.ts";
import { scratchDirectory } from "./told.ts";

const sources = fileURLToPath(new URL("xray/", import.meta.url));
const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_DEFAULT_REGION: "us-east-1" };

describeClient("xray", (directory) => {
  const room = scratchDirectory();
  const code = join(room, "parcels");
  const dataDirectory = join(room, "data");
  mkdirSync(code);
  copyFileSync(join(sources, "index.cjs"), join(code, "index.cjs"));
  symlinkSync(join(directory, "node_modules"), join(code, "node_modules"));

  const open = (handler: string, options: Partial<EnvironmentOptions> = {}) =>
    createEnvironment({
      function: code,
      handler,
      sandbox: "process",
      timeoutMs: 30_000,
      memorySizeMb: 1769,
      tracing: "Active",
      ...options,
    });

  const tree = ({ name, children }: TraceSegment): unknown =>
    children.length === 0 ? name : [name, ...children.map(tree)];

  describe("in the function", () => {
    test("[OBS-78, OBS-79, OBS-81] aws-xray-sdk-core: its subsegments join below Invocation", async () => {
      await using environment = await open("index.sdk");
      const { payload } = await environment.invoke({ parcel: 17 });
      const [trace] = environment.traces;
      expect(trace?.roots.map(tree)).toEqual([
        ["parcels", ["parcels", "Initialization", ["Invocation", ["pack", "weigh"]], "Overhead"]],
      ]);
      expect(trace?.find("pack")).toMatchObject({
        annotations: { parcel: 17 },
        metadata: { default: { event: { parcel: 17 } } },
      });
      expect(payload).toContain(`Parent=${trace?.find("Invocation")?.id}`);
    });

    test("[OBS-79, OBS-81] what it says of an error is kept", async () => {
      await using environment = await open("index.sdk");
      await environment.invoke({ fail: true });
      const weigh = environment.traces[0]?.find("weigh");
      expect(weigh).toMatchObject({ fault: true });
      expect(weigh?.document["cause"]).toMatchObject({ exceptions: [{ type: "RangeError", message: "too heavy" }] });
    });

    test("[OBS-69] what is not sampled is not sent", async () => {
      await using environment = await open("index.sdk");
      const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
      expect((await environment.invoke({}, { traceHeader })).status).toBe("success");
      expect(environment.traces).toEqual([]);
    });

    test("[OBS-79, OBS-81] Powertools: its subsegments join below Invocation, with its annotations", async () => {
      await using environment = await open("index.powertools");
      const { payload } = await environment.invoke();
      const [trace] = environment.traces;
      expect(payload).toBe(trace?.id);
      expect(tree(trace!.find("Invocation")!)).toEqual(["Invocation", ["## handler", "### label"]]);
      expect(trace?.find("## handler")?.annotations).toEqual({ ColdStart: true, Service: "parcels" });
      expect(trace?.find("### label")?.annotations).toEqual({ express: true });
    });
  });

  describe("read by clients", () => {
    let observability: Observability;
    let door: FrontDoor;
    let traceId: string;
    let began: Date;

    beforeAll(async () => {
      began = new Date(Date.now() - 60_000);
      await using environment = await open("index.sdk", { dataDirectory });
      await environment.invoke({ parcel: 17 });
      traceId = environment.traces[0]?.id ?? "";
      await environment.shutdown();
      const now = Date.now;
      const identity = { accountId: "123456789012", defaultRegion: "us-east-1" };
      observability = await openObservability({ directory: dataDirectory, runs: "here", now, ...identity });
      door = await openFrontDoor({
        port: 0,
        apis: observability.apis,
        unclaimed: () => ({ status: 404 }),
        faulted: (cause) => expect.unreachable(String(cause)),
      });
    });
    afterAll(async () => {
      await door.close(0);
      await observability.close();
    });

    const range = () => ({ StartTime: began, EndTime: new Date(Date.now() + 60_000) });

    describe("@aws-sdk/client-xray", () => {
      const connect = () =>
        new XRayClient({
          endpoint: door.endpoint,
          region: "us-east-1",
          credentials: { accessKeyId: "test", secretAccessKey: "test" },
        });

      test("[OBS-85] finds the trace by its time and reads it whole", async () => {
        const client = connect();
        const { TraceSummaries } = await client.send(new GetTraceSummariesCommand(range()));
        expect(TraceSummaries).toMatchObject([
          {
            Id: traceId,
            HasFault: false,
            IsPartial: false,
            Http: { HttpStatus: 200 },
            Annotations: { parcel: [{ AnnotationValue: { NumberValue: 17 } }] },
            EntryPoint: { Name: "parcels", Type: "AWS::Lambda" },
          } satisfies TraceSummary,
        ]);
        const { Traces } = await client.send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
        const documents = Traces?.[0]?.Segments?.map(
          ({ Document }) => JSON.parse(String(Document)) as { origin: string },
        );
        expect(documents?.map(({ origin }) => origin)).toEqual(["AWS::Lambda", "AWS::Lambda::Function"]);
        expect(JSON.stringify(documents)).toContain('"weigh"');
      });

      test("filters, and names what a filter expression may not have", async () => {
        const client = connect();
        const found = async (FilterExpression: string) => {
          const { TraceSummaries } = await client.send(new GetTraceSummariesCommand({ ...range(), FilterExpression }));
          return TraceSummaries?.length;
        };
        expect(await found('service("parcels") AND annotation.parcel = 17')).toBe(1);
        expect(await found("fault OR annotation.parcel > 20")).toBe(0);
        await expect(found("edge()")).rejects.toMatchObject({
          name: "InvalidRequestException",
          message: expect.stringContaining('"edge" is not offered here'),
        });
      });

      test("draws the graphs, and has the rule", async () => {
        const client = connect();
        const types = ["AWS::Lambda", "AWS::Lambda::Function", "client"];
        const graphs = [
          await client.send(new GetServiceGraphCommand(range())),
          await client.send(new GetTraceGraphCommand({ TraceIds: [traceId] })),
        ];
        for (const { Services } of graphs) expect(new Set(Services?.map(({ Type }) => Type))).toEqual(new Set(types));
        const { SamplingRuleRecords } = await client.send(new GetSamplingRulesCommand({}));
        expect(SamplingRuleRecords?.[0]?.SamplingRule?.RuleName).toBe("Default");
      });

      test("puts segments of its own, and is told which are none", async () => {
        const client = connect();
        const at = Date.now() / 1000;
        const segment = { id: "00000000000000a1", name: "shop", trace_id: traceId, start_time: at, end_time: at + 1 };
        const put = await client.send(
          new PutTraceSegmentsCommand({ TraceSegmentDocuments: [JSON.stringify(segment), "{}"] }),
        );
        expect(put.UnprocessedTraceSegments).toMatchObject([{ ErrorCode: "MissingId" }]);
        const { Traces } = await client.send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
        expect(Traces?.[0]?.Segments?.map(({ Id }) => Id)).toContain(segment.id);
      });
    });

    describeUnless(process.env["PATH"] === undefined ? "there is no PATH" : undefined, "aws, the command", () => {
      const aws = async (...args: string[]): Promise<unknown> => {
        const all = ["xray", "--endpoint-url", door.endpoint, "--output", "json", ...args];
        const child = spawn("aws", all, { env: { ...process.env, ...credentials }, stdio: ["ignore", "pipe", "pipe"] });
        const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
        expect(complaint).toBe("");
        return JSON.parse(out);
      };
      const seconds = (date: Date): string => String(date.getTime() / 1000);

      test("[OBS-85] aws xray get-trace-summaries and batch-get-traces", async () => {
        const { StartTime, EndTime } = range();
        const times = ["--start-time", seconds(StartTime), "--end-time", seconds(EndTime)];
        const filter = ["--filter-expression", "annotation.parcel = 17"];
        expect(await aws("get-trace-summaries", ...times, ...filter)).toMatchObject({
          TraceSummaries: [{ Id: traceId, EntryPoint: { Name: "parcels" } }],
        });
        expect(await aws("batch-get-traces", "--trace-ids", traceId)).toMatchObject({
          Traces: [{ Id: traceId, LimitExceeded: false }],
          UnprocessedTraceIds: [],
        });
      });
    });
  });
});
