import { expect, test } from "vitest";
import { attemptHeaders, beginTrace } from "./request-trace.ts";
import type { TracingMode } from "./traced-invocation.ts";

const root = "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c";
const now = 0x69d9e8b0 * 1000;
// 24 digits of a root, 16 of a parent, 16 of the service segment.
const randomHex = "0123456789abcdef01234567fedcba9876543210aaaaaaaaaaaaaaaa";
const attemptHex = "bbbbbbbbbbbbbbbbcccccccccccccccc";

const begin = (incoming: string | undefined, mode: TracingMode, decision: boolean | "not asked" = "not asked") =>
  beginTrace({
    incoming,
    mode,
    now,
    randomHex,
    decide: () => {
      expect(decision).not.toBe("not asked");
      return decision === true;
    },
  });

test.each([
  [true, "1"],
  [false, "0"],
])("[OBS-62, OBS-68] in mode Active the sampler decides where the caller did not: %s", (decision, sampled) => {
  for (const incoming of [undefined, "nonsense", `Root=${root}`, `Root=${root};Sampled=?`, "Sampled=0"])
    expect(begin(incoming, "Active", decision)).toMatchObject({ header: { sampled }, segments: decision });
});

test.each(["Active", "PassThrough"] as const)("[OBS-62] in mode %s the caller's decision is kept", (mode) => {
  expect(begin(`Root=${root};Sampled=0`, mode)).toMatchObject({ header: { root, sampled: "0" }, segments: false });
  expect(begin(`Root=${root};Sampled=1`, mode).header).toMatchObject({ root, sampled: "1" });
});

test("[OBS-67] in mode PassThrough nobody is asked, and no segment is made of a sampled request", () => {
  expect(begin(undefined, "PassThrough")).toMatchObject({ header: { sampled: "0" }, segments: false });
  const { trace, ...headers } = attemptHeaders(
    begin(`Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1`, "PassThrough"),
    attemptHex,
  );
  expect(trace).toBeUndefined();
  expect(headers.runtimeTraceHeader).toBe(`Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1`);
  expect(headers.extensionTraceHeader).toBe(headers.runtimeTraceHeader);
});

test("[OBS-64, OBS-65] of a sampled request in mode Active, runtime and extension get parents of their own and the same rest", () => {
  const request = begin(`Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1;Lineage=1:4e491d77:0`, "Active");
  expect(attemptHeaders(request, attemptHex)).toMatchObject({
    runtimeTraceHeader: `Root=${root};Parent=cccccccccccccccc;Sampled=1;Lineage=1:4e491d77:0`,
    extensionTraceHeader: `Root=${root};Parent=bbbbbbbbbbbbbbbb;Sampled=1;Lineage=1:4e491d77:0`,
    trace: { functionSegmentId: "bbbbbbbbbbbbbbbb", invocationId: "cccccccccccccccc" },
  });
});

test("[OBS-65] of an unsampled request in mode Active both headers are the same, with the caller's parent", () => {
  const request = begin(`Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=0`, "Active");
  const headers = attemptHeaders(request, attemptHex);
  expect(headers).toEqual({
    runtimeTraceHeader: `Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=0`,
    extensionTraceHeader: `Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=0`,
  });
});

test("[EVT-17, OBS-66] telemetry names the function segment, and the service segment as parent, without Lineage", () => {
  const request = begin(`Root=${root};Sampled=1;Lineage=1:4e491d77:0`, "Active");
  expect(attemptHeaders(request, attemptHex).tracing).toEqual({
    spanId: "bbbbbbbbbbbbbbbb",
    value: `Root=${root};Parent=aaaaaaaaaaaaaaaa;Sampled=1`,
  });
});

test("[OBS-70] only a parent that the caller sent with its root is the caller's", () => {
  expect(begin(`Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1`, "Active").callerId).toBe("0f1e2d3c4b5a6978");
  expect(begin(`Root=${root};Sampled=1`, "Active").callerId).toBeUndefined();
  expect(begin(`Root=${root};Parent=zz;Sampled=1`, "Active").callerId).toBeUndefined();
  expect(begin("Parent=0f1e2d3c4b5a6978;Sampled=1", "Active", true).callerId).toBeUndefined();
});

test("[OBS-75] another attempt has segments of its own in the same trace below the same service segment", () => {
  const request = begin(undefined, "Active", true);
  const [first, second] = [
    attemptHeaders(request, attemptHex),
    attemptHeaders(request, attemptHex.replaceAll("b", "d")),
  ];
  expect(second.trace?.request).toBe(first.trace?.request);
  expect(second.trace?.functionSegmentId).toBe("dddddddddddddddd");
  expect(second.tracing?.value).toBe(first.tracing?.value);
});
