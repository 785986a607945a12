import { expect, test } from "vitest";
import { preferredPort } from "./preferred-port.ts";

test("is the same for the same name at every start, and another for another name", () => {
  expect(preferredPort("shipper")).toBe(preferredPort("shipper"));
  expect(preferredPort("shipper")).not.toBe(preferredPort("shipper2"));
  expect(preferredPort("shipper", 1)).not.toBe(preferredPort("shipper"));
});

test("is none that a known extension takes, and none the kernel gives to outgoing connections", () => {
  const ports = Array.from({ length: 20_000 }, (_, at) => preferredPort(`extension-${at}`));
  expect(Math.min(...ports)).toBeGreaterThan(9009);
  expect(Math.max(...ports)).toBeLessThanOrEqual(32_768);
  expect(new Set(ports).size).toBeGreaterThan(10_000);
});
