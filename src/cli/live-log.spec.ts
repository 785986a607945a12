import { expect, test } from "vitest";
import { LiveLog } from "./live-log.ts";

test("says who wrote each line, in a column as wide as the longest name so far", () => {
  const log = new LiveLog(false);
  const texts = [
    log.text({ from: "function", text: "one" }),
    log.text({ from: "extension", extensionName: "spy", text: "two" }),
    log.text({ from: "platform", text: "three" }),
    log.text({ from: "lambdarium", text: "four" }),
  ];
  expect(texts).toEqual([
    "function   | one\n",
    "extension spy | two\n",
    "platform      | three\n",
    "lambdarium    | four\n",
  ]);
});

test("says it for every line of a record that has several", () => {
  expect(new LiveLog(false).text({ from: "function", text: "Error\n  at x" })).toBe(
    "function   | Error\nfunction   |   at x\n",
  );
});

test("colours the name only", () => {
  expect(new LiveLog(true).text({ from: "platform", text: "END" })).toBe("\u001B[90mplatform   |\u001B[39m END\n");
});
