import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Freezer } from "./freezer.ts";

/** What a sandbox is asked for, in order. */
function sandboxOrders() {
  const orders: string[] = [];
  const order = (name: string) => async (): Promise<void> => void orders.push(name);
  return { orders, freezer: new Freezer({ freeze: order("freeze"), thaw: order("thaw") }) };
}

test("[LIFE-96] freezes a turn of the event loop later, and thaws at once", async () => {
  const { orders, freezer } = sandboxOrders();
  const frozen = freezer.freeze();
  expect(orders).toEqual([]);
  await frozen;
  expect(orders).toEqual(["freeze"]);
  await freezer.thaw();
  expect(orders).toEqual(["freeze", "thaw"]);
});

test("stops nobody when the next invocation follows at once", async () => {
  const { orders, freezer } = sandboxOrders();
  const frozen = freezer.freeze();
  await freezer.thaw();
  await frozen;
  await setImmediate();
  expect(orders).toEqual([]);
});

test("freezes when the last order of a turn says so", async () => {
  const { orders, freezer } = sandboxOrders();
  const frozen = freezer.freeze();
  await freezer.thaw();
  await Promise.all([frozen, freezer.freeze()]);
  expect(new Set(orders)).toEqual(new Set(["freeze"]));
});
