import { expect, test } from "vitest";
import { Records } from "../host/records.ts";
import { TelemetryView } from "./telemetry-view.ts";

const records = new Records();
records.accept({ time: 1, type: "function", stream: "stdout", text: "one\n" });
records.accept({ time: 2, type: "platform.start", requestId: "id", functionArn: "arn", version: "1" });
const view = new TelemetryView(records, "Text");

test("brings itself up to date", () => {
  expect(view.refresh().map(({ type }) => type)).toEqual(["function", "platform.start"]);
  records.accept({ time: 3, type: "function", stream: "stdout", text: "two\n" });
  expect(view.refresh().map(({ record }) => record)).toEqual(["one\n", expect.anything(), "two\n"]);
});

test("gives the events of one type, typed by it", () => {
  const [start] = view.refresh().ofType("platform.start");
  const requestId: string | undefined = start?.record.requestId;
  expect(requestId).toBe("id");
});

test("is open for types it does not know", () => {
  expect(view.ofType("platform.ofTomorrow")).toEqual([]);
});

test("gives plain arrays to those who filter it", () => {
  expect(view.filter(() => true)).not.toBeInstanceOf(TelemetryView);
});
