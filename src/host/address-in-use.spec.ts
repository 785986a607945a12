import { expect, test } from "vitest";
import { addressInUse } from "./address-in-use.ts";

const line = (text: string) => ({ time: 0, type: "extension", extensionName: "one", stream: "stderr", text }) as const;

test.each([
  ["Node.js", "Error: listen EADDRINUSE: address already in use 127.0.0.1:4243\n", [4243]],
  ["Go", "2026/04/11 06:20:01 listen tcp :4243: bind: address already in use\n", [20, 1, 4243]],
  ["Python", "OSError: [Errno 98] Address already in use\n", []],
])("%s says that its address is in use", (_, text, ports) => {
  expect(addressInUse(line(text))).toEqual({ extensionName: "one", ports });
});

test.each([
  ["another line of an extension", line("listening on 127.0.0.1:4243\n")],
  ["a line of the function", { time: 0, type: "function", stream: "stderr", text: "address already in use" } as const],
])("%s does not", (_, record) => {
  expect(addressInUse(record)).toBeUndefined();
});
