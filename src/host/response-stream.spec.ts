import { expect, test } from "vitest";
import { MovedClock } from "../../test/fixtures/moved-clock.ts";
import { ResponseStream } from "./response-stream.ts";

const MiB = 1_048_576;
const chunk = (bytes: number): Uint8Array => Buffer.alloc(bytes, "x");

/** Whether what was delivered may be followed by more. */
function openness(delivered: Promise<void> | undefined): { readonly open: boolean } {
  const state = { open: delivered === undefined };
  void delivered?.then(() => (state.open = true));
  return state;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("[RT-55] lets the first 6 MiB pass without limit", () => {
  const stream = new ResponseStream(new MovedClock(), true);
  for (let i = 0; i < 6; i++) expect(stream.deliver(chunk(MiB))).toBeUndefined();
});

test("[RT-55] takes half a second for each MiB after that", async () => {
  const clock = new MovedClock();
  const stream = new ResponseStream(clock, true);
  void stream.deliver(chunk(6 * MiB));
  for (let i = 0; i < 3; i++) {
    const state = openness(stream.deliver(chunk(MiB)));
    clock.move(499);
    await settled();
    expect(state.open).toBe(false);
    clock.move(1);
    await settled();
    expect(state.open).toBe(true);
  }
});

test("[RT-55] counts only what exceeds the 6 MiB of the chunk that crosses them", async () => {
  const clock = new MovedClock();
  const stream = new ResponseStream(clock, true);
  const state = openness(stream.deliver(chunk(7 * MiB)));
  clock.move(500);
  await settled();
  expect(state.open).toBe(true);
});

test("[RT-55] saves up nothing while the runtime pauses", async () => {
  const clock = new MovedClock();
  const stream = new ResponseStream(clock, true);
  void stream.deliver(chunk(7 * MiB));
  clock.move(60_000);
  const state = openness(stream.deliver(chunk(2 * MiB)));
  clock.move(999);
  await settled();
  expect(state.open).toBe(false);
  clock.move(1);
  await settled();
  expect(state.open).toBe(true);
});

test("[RT-56] limits nothing when the limit is switched off", () => {
  const stream = new ResponseStream(new MovedClock(), false);
  expect(stream.deliver(chunk(100 * MiB))).toBeUndefined();
});

test("[RT-64] takes and drops what comes when the caller has gone, and holds nobody up", () => {
  const clock = new MovedClock();
  const stream = new ResponseStream(clock, true);
  stream.destroy();
  expect(stream.deliver(chunk(20 * MiB))).toBeUndefined();
  expect(stream.payload()).toHaveLength(0);
});

test.each([
  ["ends", (stream: ResponseStream) => stream.finish(new Uint8Array())],
  ["is given up by the caller", (stream: ResponseStream) => stream.destroy()],
] as const)("lets whoever waits go on when the stream %s, with no timer left", async (_, end) => {
  const clock = new MovedClock();
  const stream = new ResponseStream(clock, true);
  const state = openness(stream.deliver(chunk(10 * MiB)));
  end(stream);
  await settled();
  expect(state.open).toBe(true);
  expect(clock.waiting).toBe(0);
});

test("[RT-63] drops what the runtime still sends after the end", async () => {
  const stream = new ResponseStream(new MovedClock(), true);
  void stream.deliver(Buffer.from("before"));
  stream.finish(new Uint8Array());
  void stream.deliver(Buffer.from("after"));
  const read: Buffer[] = [];
  for await (const piece of stream) read.push(piece as Buffer);
  expect(Buffer.concat(read).toString()).toBe("before");
  expect(Buffer.from(stream.payload()).toString()).toBe("before");
});

test("has all bytes for whoever did not read while they came", () => {
  const stream = new ResponseStream(new MovedClock(), true);
  void stream.deliver(Buffer.from("one "));
  void stream.deliver(Buffer.from("two"));
  stream.finish(Buffer.from(" three"));
  expect(Buffer.from(stream.payload()).toString()).toBe("one two three");
});
