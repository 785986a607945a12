import { expect, test } from "vitest";
import { networkOf } from "./network.ts";

const here = () => true;
const missing = () => false;

test.each([
  ["auto", here, "internet"],
  ["internet", here, "internet"],
  ["machine", here, "machine"],
  ["none", here, "none"],
  ["none", missing, "none"],
] as const)("with %s it says nothing where the machine can do it", (wanted, pasta, network) => {
  expect(networkOf({ name: "linux" }, wanted, pasta)).toEqual({ network, notice: "" });
});

test("does without the internet where there is no way to it, and says so", () => {
  expect(networkOf({ name: "linux" }, "auto", missing)).toEqual({
    network: "none",
    notice: expect.stringContaining("passt") as string,
  });
});

test.each(["internet", "machine"] as const)("refuses to pretend when %s was asked for", (wanted) => {
  expect(() => networkOf({ name: "linux" }, wanted, missing)).toThrow(
    expect.objectContaining({ code: "network-unavailable" }),
  );
});

test("the process driver has the machine's own network, whatever is installed", () => {
  expect(networkOf({ name: "process" }, "internet", missing)).toEqual({ network: "internet", notice: "" });
});
