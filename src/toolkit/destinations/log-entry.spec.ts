import { expect, test } from "vitest";
import { line } from "../delivery/simulated-destination.spec-support.ts";
import { logEntries } from "./log-entry.ts";
import { report, requestId, start, traceId } from "./vendor-requests.spec-support.ts";

test("takes a line for the invocation that was last seen to start, and for none before", () => {
  const entryOf = logEntries();
  expect(entryOf(line("before"))).toMatchObject({ requestId: undefined, trace: undefined });
  entryOf(start);
  expect(entryOf(line("during"))).toMatchObject({ requestId, trace: { traceId } });
  entryOf({ ...line(""), type: "platform.initStart", record: {} });
  expect(entryOf(line("after a reset"))).toMatchObject({ requestId: undefined, trace: undefined });
});

test("does not take another invocation's trace for a line that names its own", () => {
  const entryOf = logEntries();
  entryOf(start);
  const other = "11111111-2222-4333-8444-555555555555";
  const entry = entryOf(line(`2026-04-11T06:20:00.100Z\t${other}\tERROR\tlate\n`));
  expect(entry).toMatchObject({ requestId: other, trace: undefined, level: "ERROR" });
});

test("does not take an event of the platform for the invocation in which it comes", () => {
  const entryOf = logEntries();
  entryOf(start);
  const entry = entryOf({ ...line(""), type: "platform.extension", record: { name: "x", state: "Ready", events: [] } });
  expect(entry).toMatchObject({ text: "platform.extension", requestId: undefined });
});

test.each([
  ["2026-04-11T06:19:59.100Z", "2026-04-11T06:19:59.100Z"],
  ["2001-01-01T00:00:00.000Z", "2026-04-11T06:20:00.540Z"],
  ["soon", "2026-04-11T06:20:00.540Z"],
])("of a line that says it is of %s takes %s for its time", (timestamp, time) => {
  const entry = logEntries()({ ...line(""), record: { timestamp, message: "m" } });
  expect(new Date(entry!.timeMs).toISOString()).toBe(time);
});

test("has nothing to say of an empty line", () => {
  expect(logEntries()(line("\n"))).toBeUndefined();
});

test.each([
  [
    { ...line(""), type: "platform.initStart", record: { runtimeVersion: "nodejs:20.v1", runtimeVersionArn: "arn:r" } },
    "INIT_START\tRuntime Version: nodejs:20.v1\tRuntime Version ARN: arn:r",
  ],
  [{ ...line(""), type: "platform.runtimeDone", record: { requestId: "r", status: "success" } }, "END RequestId: r"],
  [{ ...line(""), type: "platform.fault", record: "RequestId: r Process exited" }, "RequestId: r Process exited"],
  [
    report,
    `REPORT RequestId: ${requestId}\tDuration: 3000 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 97 MB\tStatus: timeout`,
  ],
  [{ ...line(""), type: "platform.later", record: { x: 1 } }, "platform.later"],
])("writes %o as the function's log has it", (record, text) => {
  expect(logEntries()(record)?.text).toBe(text);
});
