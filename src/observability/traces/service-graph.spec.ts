import { expect, test } from "vitest";
import { assembleTrace } from "./assemble-trace.ts";
import { segmentTexts } from "./segment-text.ts";
import type { SegmentDocument } from "./segment-document.ts";
import { serviceGraph } from "./service-graph.ts";
import { summaryOf } from "./trace-summary.ts";

const traceId = "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c";
const traceOf = (...documents: readonly Partial<SegmentDocument>[]) =>
  assembleTrace(
    traceId,
    documents.map((document) => ({
      traceId,
      id: String(document.id),
      from: "function" as const,
      inProgress: document.end_time === undefined,
      startedAt: 0,
      document: JSON.stringify({ trace_id: traceId, name: "orders", ...document }),
    })),
  );

const service = { id: "00000000000000a1", origin: "AWS::Lambda", start_time: 10, end_time: 12, resource_arn: "arn" };
const invoked = {
  id: "00000000000000a2",
  parent_id: service.id,
  origin: "AWS::Lambda::Function",
  aws: { account_id: "123456789012" },
  start_time: 10.5,
  end_time: 11.5,
  fault: true,
  subsegments: [{ id: "00000000000000a3", name: "Invocation", start_time: 10.5, end_time: 11.4 }],
};
const call = {
  id: "00000000000000a4",
  parent_id: "00000000000000a3",
  type: "subsegment" as const,
  name: "S3",
  namespace: "aws",
  start_time: 10.6,
  end_time: 10.8,
  annotations: { parcel: 17 },
};

test("the graph goes from the client over the Lambda service and the function to what it called", () => {
  const graph = serviceGraph([traceOf(service, invoked, call)]);
  const nameOf = (reference: number) => graph.find(({ ReferenceId }) => ReferenceId === reference)?.Type;
  const edges = graph.flatMap(({ Type, Edges }) => Edges.map(({ ReferenceId }) => `${Type} to ${nameOf(ReferenceId)}`));
  expect(new Set(edges)).toEqual(
    new Set(["client to AWS::Lambda", "AWS::Lambda to AWS::Lambda::Function", "AWS::Lambda::Function to AWS::S3"]),
  );
  expect(graph.filter(({ Root }) => Root).map(({ Type }) => Type)).toEqual(["AWS::Lambda"]);
});

test("its statistics count every trace", () => {
  const graph = serviceGraph([traceOf(service, invoked), traceOf(service, { ...invoked, fault: false })]);
  const invokedService = graph.find(({ Type }) => Type === "AWS::Lambda::Function");
  expect(invokedService?.SummaryStatistics).toEqual({
    OkCount: 1,
    ErrorStatistics: { ThrottleCount: 0, OtherCount: 0, TotalCount: 0 },
    FaultStatistics: { OtherCount: 1, TotalCount: 1 },
    TotalCount: 2,
    TotalResponseTime: 2,
  });
  expect(invokedService?.ResponseTimeHistogram).toEqual([{ Value: 1, Count: 2 }]);
});

test("a call of a service that sent a segment of its own is not inferred", () => {
  const remote = { id: "00000000000000a5", parent_id: call.id, name: "S3", start_time: 10.6, end_time: 10.7 };
  expect(serviceGraph([traceOf(service, invoked, call, remote)]).map(({ Type }) => Type)).not.toContain("AWS::S3");
});

test("[OBS-81] a segment is given with everything that was sent for it inside, and a called service by the call", () => {
  const texts = segmentTexts(traceOf(call, invoked, service)).map(
    ({ Document }) => JSON.parse(Document) as SegmentDocument,
  );
  expect(texts.map(({ id }) => id)).toEqual([service.id, invoked.id, "ffffffffffffff5b"]);
  expect(texts[1]?.subsegments?.[0]).toMatchObject({ name: "Invocation", subsegments: [{ id: call.id, name: "S3" }] });
  expect(texts[2]).toMatchObject({ inferred: true, parent_id: call.id, origin: "AWS::S3", trace_id: traceId });
});

test("the summary says what a trace was like", () => {
  expect(summaryOf(traceOf(service, invoked, call))).toMatchObject({
    Id: traceId,
    StartTime: 10,
    Duration: 2,
    ResponseTime: 2,
    HasFault: true,
    HasError: false,
    IsPartial: false,
    Annotations: { parcel: [{ AnnotationValue: { NumberValue: 17 } }] },
    ServiceIds: [
      { Name: "orders", Type: "AWS::Lambda" },
      { Name: "orders", Type: "AWS::Lambda::Function", AccountId: "123456789012" },
      { Name: "S3", Type: "AWS::S3" },
    ],
    ResourceARNs: [{ ARN: "arn" }],
    EntryPoint: { Name: "orders", Type: "AWS::Lambda" },
  });
  expect(summaryOf(traceOf(service, { ...invoked, end_time: undefined as never })).IsPartial).toBe(true);
});
