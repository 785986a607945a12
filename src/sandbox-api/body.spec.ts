import { expect, test } from "vitest";
import { collect, passOn, type BodyBudget, type ReadBody } from "./body.ts";
import type { BodyEnd } from "./conversation.ts";

const sending =
  (chunks: readonly string[], end: BodyEnd = "complete"): ReadBody =>
  async (take) => {
    for (const chunk of chunks) await take(Buffer.from(chunk));
    return end;
  };
const mebibytes = (count: number): Buffer => Buffer.alloc(count * 1_048_576);

test("a body is collected from its chunks", async () => {
  const whole = { kind: "complete", body: Buffer.from("parcel"), bytes: 6 };
  expect(await collect(sending(["par", "cel"]), 6)).toEqual(whole);
  expect(await collect(sending(["parcel"]), 6)).toEqual(whole);
  expect(await collect(sending([]), 6)).toEqual({ kind: "complete", body: new Uint8Array(0), bytes: 0 });
});

test("[RT-43] a longer body is too large, and counted to its end", async () => {
  expect(await collect(sending(["par", "cels", "and more"]), 6)).toEqual({ kind: "too large", bytes: 15 });
});

test("[RT-49] a body that breaks off is truncated, but what was too large before remains so", async () => {
  expect(await collect(sending(["par"], "truncated"), 6)).toEqual({ kind: "truncated", bytes: 3 });
  expect(await collect(sending(["parcels"], "truncated"), 6)).toEqual({ kind: "too large", bytes: 7 });
});

test("[LIFE-126] bodies that nobody allowed hold 64 MiB together and give back what they held", async () => {
  const budget: BodyBudget = { heldBytes: 0 };
  const held: number[] = [];
  const nested: ReadBody = async (take) => {
    await take(mebibytes(40));
    held.push(budget.heldBytes);
    const second = await collect(
      async (take) => {
        await take(mebibytes(24));
        held.push(budget.heldBytes);
        await take(Buffer.from("x"));
        held.push(budget.heldBytes);
        return "complete";
      },
      1e9,
      budget,
    );
    expect(second.kind).toBe("too large");
    return "complete";
  };
  expect((await collect(nested, 1e9, budget)).kind).toBe("complete");
  expect(held.map((bytes) => bytes / 1_048_576)).toEqual([40, 64, 40]);
  expect(budget.heldBytes).toBe(0);
});

test.each([
  [["0123", "4567", "89"], "0123456789"],
  [["0123", "4567", "89a"], "0123456789a"],
  [["0123", "4567", "89abc", "def"], "0123456789a"],
  [["0123456789a", "b"], "0123456789a"],
  [["0123456789abcdef"], "0123456789a"],
])("[RT-54] of %j no more than one byte beyond ten is passed on, and all is counted", async (chunks, passed) => {
  const received: string[] = [];
  const { bytes } = await passOn(sending(chunks), 10, (chunk) => void received.push(Buffer.from(chunk).toString()));
  expect(received.join("")).toBe(passed);
  expect(received).not.toContain("");
  expect(bytes).toBe(chunks.join("").length);
});
