import { expect, test } from "vitest";
import { knownPorts, reservedPort } from "./packing/known-ports.ts";
import { takenByOthers } from "./toolkit/listener/preferred-port.ts";

test("the toolkit keeps off every port that the packer knows to be taken, and off no other", () => {
  expect(takenByOthers).toEqual(new Set([...knownPorts.keys(), reservedPort]));
});
