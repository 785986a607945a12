import { expect, test } from "vitest";
import { continueTrace, formatTraceHeader, parseTraceHeader } from "./trace-header.ts";

const root = "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c";
const fresh = { epochSeconds: 0x69d9e8b0, randomHex: "0123456789abcdef01234567fedcba9876543210" };

test("[OBS-59] a trace header is written as root, parent, sampled and, where there is one, lineage", () => {
  expect(formatTraceHeader({ root, parent: "0f1e2d3c4b5a6978", sampled: "1", lineage: undefined })).toBe(
    `Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1`,
  );
  expect(formatTraceHeader({ root, parent: "0f1e2d3c4b5a6978", sampled: "0", lineage: "1:4e491d77:0" })).toBe(
    `Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=0;Lineage=1:4e491d77:0`,
  );
});

test.each([
  ["any order", `Sampled=1;Parent=0f1e2d3c4b5a6978;Root=${root}`],
  ["unknown keys", `Self=1-2-3;Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1;New=x`],
  ["a pair without an equals sign", `Root=${root};junk;Parent=0f1e2d3c4b5a6978;;Sampled=1`],
])("[OBS-60] %s is read", (_, text) => {
  expect(parseTraceHeader(text)).toEqual({ root, parent: "0f1e2d3c4b5a6978", sampled: "1", lineage: undefined });
});

test("[OBS-60] a value is split off at its first equals sign", () => {
  expect(parseTraceHeader("Root=a=b;Lineage=c=d")).toMatchObject({ root: "a=b", lineage: "c=d" });
});

test("[OBS-61] a missing Sampled is written as 0, and without a root there is no header", () => {
  expect(formatTraceHeader(parseTraceHeader(`Root=${root}`))).toBe(`Root=${root};Sampled=0`);
  expect(formatTraceHeader(parseTraceHeader("Root=;Parent=0f1e2d3c4b5a6978;Sampled=1"))).toBeUndefined();
  expect(formatTraceHeader(parseTraceHeader(""))).toBeUndefined();
});

test("[RT-22, OBS-62] the caller's root, parent, decision and lineage are kept", () => {
  const incoming = `Root=${root};Parent=0f1e2d3c4b5a6978;Sampled=1;Lineage=1:4e491d77:0`;
  expect(formatTraceHeader(continueTrace(incoming, fresh))).toBe(incoming);
});

test.each([undefined, "", "nonsense", "Root=1-xyz;Sampled=1", `Root=2${root.slice(1)};Sampled=1`])(
  "[RT-22, OBS-62] without a valid root a new, unsampled trace begins: %j",
  (incoming) => {
    expect(formatTraceHeader(continueTrace(incoming, fresh))).toBe(
      "Root=1-69d9e8b0-0123456789abcdef01234567;Parent=fedcba9876543210;Sampled=0",
    );
  },
);

test("[RT-22] the sampler decides only where the caller did not", () => {
  expect(continueTrace(undefined, fresh, "1").sampled).toBe("1");
  expect(continueTrace(`Root=${root}`, fresh, "1").sampled).toBe("1");
  expect(continueTrace(`Root=${root};Sampled=?`, fresh, "1").sampled).toBe("1");
  expect(continueTrace(`Root=${root};Sampled=0`, fresh, "1").sampled).toBe("0");
});

test("a caller's root without a usable parent gets a new parent", () => {
  expect(continueTrace(`Root=${root};Parent=zz`, fresh).parent).toBe("fedcba9876543210");
  expect(continueTrace(`Root=${root}`, fresh).parent).toBe("fedcba9876543210");
});

test("the seconds of a new root are eight hex digits", () => {
  expect(continueTrace(undefined, { ...fresh, epochSeconds: 255.9 }).root).toMatch(/^1-000000ff-/);
});
