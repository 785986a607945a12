import { expect, test } from "vitest";
import { readXrayCause } from "./xray-cause.ts";

const frame = { path: "/var/task/labels.py", line: 12, label: "print_label" };
const cause = {
  exceptions: [{ message: "no paper", type: "PrinterError", stack: [frame] }],
  working_directory: "/var/task",
  paths: ["/var/task/labels.py"],
  message: "",
};

const longException = { message: "m".repeat(2_000), type: "t".repeat(2_000) };
const times = <Item>(count: number, item: Item): readonly Item[] => Array.from({ length: count }, () => item);
const shorten = (value: unknown): string => String(readXrayCause(JSON.stringify(value)));

test("[RT-73] a cause is kept as it was sent", () => {
  const text = JSON.stringify({ ...cause, more: 1 }, null, 1);
  expect(readXrayCause(text)).toBe(text);
});

test.each([
  undefined,
  "",
  "no JSON",
  "[]",
  "null",
  "{}",
  '{"other":1}',
  '{"exceptions":[1]}',
  '{"exceptions":{}}',
  '{"paths":"x"}',
  '{"working_directory":5}',
  '{"exceptions":[],"working_directory":"","paths":[],"message":""}',
  `{"exceptions":${"[".repeat(300_000)}`,
])("[RT-73] what is no cause is ignored (%#)", (text) => {
  expect(readXrayCause(text)).toBeUndefined();
});

test("[RT-74] a cause of exactly 65,536 bytes is kept whole", () => {
  const bare = JSON.stringify({ message: "" });
  const text = JSON.stringify({ message: "x".repeat(65_536 - bare.length) });
  expect(readXrayCause(text)).toBe(text);
});

test.each([
  ["deep stacks", { exceptions: [{ message: "m", type: "PrinterError", stack: times(5_000, frame) }] }],
  ["many exceptions", { exceptions: times(3_000, cause.exceptions[0]) }],
  ["a long message", { message: "m".repeat(100_000) }],
  ["texts of three-byte characters", { message: "€".repeat(100_000), working_directory: "€".repeat(90_000) }],
  ["many paths", { paths: times(20_000, "/var/task/labels.py") }],
  ["many long things", { exceptions: times(500, longException) }],
])("[RT-74] %s are shortened to 65,536 bytes and remain a cause", (_, changes) => {
  const text = shorten({ ...cause, ...changes });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
  expect(Buffer.byteLength(text)).toBeGreaterThan(1_000);
  expect(readXrayCause(text)).toBe(text);
  expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(cause));
});

test("[RT-74] shortening keeps the beginning of what it cuts", () => {
  const stack = Array.from({ length: 5_000 }, (_, line) => ({ ...frame, line }));
  const text = shorten({ ...cause, exceptions: [{ message: "m", type: "T", stack }] });
  const { exceptions } = JSON.parse(text) as { exceptions: { message: string; type: string; stack: unknown[] }[] };
  expect(exceptions[0]).toMatchObject({ message: "m", type: "T" });
  expect(exceptions[0]?.stack[0]).toEqual(stack[0]);
});
