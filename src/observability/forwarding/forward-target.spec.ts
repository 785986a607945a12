import { expect, test } from "vitest";
import { parseForwardTargets, targetName } from "./forward-target.ts";

test.each([
  [["cloudwatch"], ["cloudwatch-logs", "cloudwatch-metrics"]],
  [
    ["xray", "cloudwatch-logs", "cloudwatch"],
    ["xray", "cloudwatch-logs", "cloudwatch-metrics"],
  ],
  [
    ["otlp", "otlp=http://127.0.0.1:4318"],
    ["otlp", "otlp http://127.0.0.1:4318"],
  ],
  [[], []],
])("%j means %j, each once", (texts, names) => {
  expect(parseForwardTargets(texts)?.map(targetName)).toEqual(names);
});

test.each(["", "cloud", "otlp=", "otlp=localhost:4318", "otlp=ftp://there", "xray=http://there"])(
  "%j is no target",
  (text) => {
    expect(parseForwardTargets(["xray", text])).toBeUndefined();
  },
);
