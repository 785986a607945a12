/** Fake destinations as a client meets them: what they take, and how they fail. */
import { afterEach, describe, expect, test } from "vitest";
import { gzipSync } from "node:zlib";
import { createDestination } from "./create-destination.ts";
import type { FakeDestination } from "./fake-destination.ts";

let destination: FakeDestination<"webhook">;
const open = async (): Promise<FakeDestination<"webhook">> => (destination = await createDestination("webhook"));
afterEach(() => destination.close());

const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(destination.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: body instanceof Uint8Array ? body : JSON.stringify(body),
  });

test("keeps what it took as plain values, and every request", async () => {
  await open();
  expect((await post([{ a: 1 }, { a: 2 }])).status).toBe(200);
  expect((await post(gzipSync('{"a":3}\n{"a":4}\n'), { "content-encoding": "gzip" })).status).toBe(200);
  expect(destination.received).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  expect(destination.requests).toMatchObject([
    { method: "POST", path: "/", records: 2, status: 200 },
    { records: 2, status: 200 },
  ]);
});

test("gives its URL to the variables it is told of", async () => {
  const [one, several] = await Promise.all([
    createDestination("webhook", { variable: "SHIP_TO" }),
    createDestination("otlp", { variable: ["A", "B"] }),
  ]);
  expect(one.environment).toMatchObject({ SHIP_TO: one.url });
  expect(several.environment).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: several.url, A: several.url, B: several.url });
  expect(several.environmentAt("elsewhere")["A"]).toMatch(/^http:\/\/elsewhere:\d+$/);
  await Promise.all([one.close(), several.close()]);
  await open();
});

describe("faults", () => {
  test("fail takes nothing, for as many requests as it is told", async () => {
    await open();
    destination.fail(503, { times: 2 });
    const answers = [await post([1]), await post([1]), await post([1])];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(destination.received).toEqual([1]);
  });

  test("throttle says after how many seconds to come again", async () => {
    await open();
    destination.throttle(429, 1500);
    const { status, headers } = await post([1]);
    expect([status, headers.get("retry-after")]).toEqual([429, "2"]);
    await destination.recover();
    expect((await post([1])).status).toBe(200);
  });

  test("slow answers later, whether or not somebody waits", async () => {
    await open();
    destination.slow(300);
    const impatient = fetch(destination.url, { method: "POST", body: "[1]", signal: AbortSignal.timeout(50) });
    await expect(impatient).rejects.toThrow("aborted");
    expect(destination.received).toEqual([]);
    await destination.waitFor((record: number) => record === 1);
  });

  test("half takes the records and breaks off in the middle of its answer", async () => {
    await open();
    destination.half({ times: 1 });
    await expect(post([1]).then((answer) => answer.text())).rejects.toThrow("terminated");
    expect(await (await post([2])).text()).toBe("");
    expect(destination.received).toEqual([1, 2]);
    expect(destination.requests[0]).toMatchObject({ problem: "answered by half" });
  });

  test("silence never answers", async () => {
    await open();
    destination.silence();
    const asked = fetch(destination.url, { method: "POST", body: "[1]", signal: AbortSignal.timeout(200) });
    await expect(asked).rejects.toThrow("aborted");
    expect(destination.received).toEqual([]);
    expect(destination.requests).toMatchObject([{ records: 1, problem: "never answered" }]);
  });

  test("refuse refuses connections and ends those there are; recover listens at the same address", async () => {
    await open();
    await post([1]);
    const { url } = destination;
    await destination.refuse();
    await expect(post([2])).rejects.toThrow("fetch failed");
    await destination.recover();
    expect(destination.url).toBe(url);
    expect((await post([3])).status).toBe(200);
    expect(destination.received).toEqual([1, 3]);
  });

  test("cut resets the connections there are, and a freeze does when it is long enough", async () => {
    await open();
    await post([1]);
    expect(destination.frozenFor(59_999)).toBe(0);
    expect(destination.frozenFor(60_000)).toBe(1);
    expect(destination.cut()).toBe(0);
    expect((await post([2])).status).toBe(200);
  });
});

describe("waitFor", () => {
  test("waits until what is expected has come", async () => {
    await open();
    const waited = destination.waitFor([{ a: 1 }, { a: 2 }]);
    await post([{ a: 1, b: 1 }]);
    await post([{ a: 2, b: 2 }, { a: 3 }]);
    expect(await waited).toEqual([
      { a: 1, b: 1 },
      { a: 2, b: 2 },
    ]);
  });

  test("says what came instead", async () => {
    await open();
    await post([{ a: 1 }]);
    await expect(destination.waitFor({ a: 2 }, { within: "50ms" })).rejects.toThrow(
      /webhook to receive \{"a":2\} within 50ms\n {2}\{"a":2\}: did not come\n\nwebhook received 1 record:\n {2}1\. \{"a":1\}/,
    );
  });
});

test("tells an unknown content encoding, and a kind there is no fake of", async () => {
  await open();
  expect((await post([1], { "content-encoding": "lzma" })).status).toBe(415);
  expect(destination.requests).toMatchObject([{ problem: expect.stringContaining("lzma is not known") }]);
  await expect(createDestination("carrier-pigeon" as "webhook")).rejects.toMatchObject({ code: "invalid-setting" });
});
