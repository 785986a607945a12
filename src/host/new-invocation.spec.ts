import { expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import { newInvocation } from "./new-invocation.ts";

const now = 0x6a_1b_2c_3d * 1000 + 500;
const invoke = (request: Parameters<typeof newInvocation>[1] = {}) => newInvocation(hostedFunction(), request, now);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test("[RT-17, RT-26] makes request id and invocation id anew each time, as lower-case UUIDs", () => {
  const ids = [invoke(), invoke()].flatMap(({ requestId, invocationId }) => [requestId, invocationId]);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(uuid);
});

test("[RT-21, RT-22, OBS-59] makes a root of the time, unsampled, when the caller sent no trace header", () => {
  const { runtimeTraceHeader, tracing } = invoke();
  expect(runtimeTraceHeader).toMatch(/^Root=1-6a1b2c3d-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  expect(tracing).toBeUndefined();
});

test.each([
  ["nothing but a root", "Root=1-5759e988-bd862e3fe1be46a994272793", "0"],
  ["an unsampled one", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0", "0"],
  ["a sampled one", "Sampled=1;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8", "1"],
])("[RT-22] keeps root and decision of the caller's trace header: %s", (_, traceHeader, sampled) => {
  const { runtimeTraceHeader } = invoke({ traceHeader });
  expect(runtimeTraceHeader).toContain("Root=1-5759e988-bd862e3fe1be46a994272793;");
  expect(runtimeTraceHeader).toContain(`Sampled=${sampled}`);
});

test.each(["", "no header at all", "Root=", "Root=1-xyz;Sampled=1"])(
  "[RT-22] makes a root of its own when the caller's header is not valid: %j",
  (traceHeader) => {
    expect(invoke({ traceHeader }).runtimeTraceHeader).toMatch(
      /^Root=1-6a1b2c3d-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    );
  },
);

test("[RT-21, EXT-56] gives extensions the same header as the runtime", () => {
  const { runtimeTraceHeader, extensionTraceHeader } = invoke();
  expect(extensionTraceHeader).toBe(runtimeTraceHeader);
});

test("traces in telemetry what is sampled, and only that", () => {
  const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1";
  expect(invoke({ traceHeader }).tracing).toEqual({
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    value: expect.stringMatching(/^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1$/),
  });
});

test.each([
  [{}, "arn:aws:lambda:us-east-1:123456789012:function:tested"],
  [{ qualifier: "7" }, "arn:aws:lambda:us-east-1:123456789012:function:tested:7"],
  [{ qualifier: "live" }, "arn:aws:lambda:us-east-1:123456789012:function:tested:live"],
])("[RT-20] names the qualifier that was used: %j", (request, arn) => {
  expect(invoke(request).invokedFunctionArn).toBe(arn);
});

test("[RT-27] takes an absent payload, and an empty one, for {}", () => {
  expect(Buffer.from(invoke().payload).toString()).toBe("{}");
  expect(Buffer.from(invoke({ payload: new Uint8Array() }).payload).toString()).toBe("{}");
  expect(Buffer.from(invoke({ payload: Buffer.from(" ") }).payload).toString()).toBe(" ");
});
