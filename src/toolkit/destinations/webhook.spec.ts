import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import type { Destination, SendResult } from "./destination.ts";
import { HttpSink, status } from "../../../test/fixtures/http-sink.ts";
import { webhook, type WebhookSettings } from "./webhook.ts";

let sink: HttpSink;
let url: string;
beforeEach(async () => {
  sink = new HttpSink();
  url = await sink.open();
});
afterEach(() => sink.close());

const records = [line("one"), line("two")];

function send(to: Destination): Promise<SendResult> {
  const items = records.flatMap((record) => to.encode(record, origin, "id"));
  return to.send({ items, route: undefined, signal: new AbortController().signal, origin });
}

const make = (more: Partial<WebhookSettings> = {}): Destination => webhook({ url: `${url}/in?x=1`, ...more });

test("posts one array of the records as they are", async () => {
  expect(await send(make())).toEqual({ kind: "delivered" });
  const [{ method, url: path, headers, body } = sink.received[0]!] = sink.received;
  expect({ method, path, type: headers["content-type"] }).toEqual({
    method: "POST",
    path: "/in?x=1",
    type: "application/json",
  });
  expect(JSON.parse(body.toString())).toEqual(records);
});

test("writes a line for each record where that is wanted, by PUT, with headers of its own", async () => {
  await send(make({ format: "ndjson", method: "PUT", headers: { Authorization: "Bearer x" } }));
  expect(sink.received[0]).toMatchObject({ method: "PUT", headers: { authorization: "Bearer x" } });
  expect(sink.received[0]!.body.toString()).toBe(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
});

test("signs what it sends, and names the same records by the same key", async () => {
  const to = make({ secret: "s3cret" });
  await send(to);
  await send(to);
  const [one, other] = sink.received;
  expect(one!.headers["x-signature-256"]).toBe(
    `sha256=${createHmac("sha256", "s3cret").update(one!.raw).digest("hex")}`,
  );
  expect(one!.headers["idempotency-key"]).toMatch(/^[0-9a-f]{64}$/);
  expect(other!.headers["idempotency-key"]).toBe(one!.headers["idempotency-key"]);
});

test("compresses what is worth it", async () => {
  const large = [line("x".repeat(5000))];
  const to = make({ compression: "gzip" });
  const items = large.flatMap((record) => to.encode(record, origin, "id"));
  await to.send({ items, route: undefined, signal: new AbortController().signal, origin });
  const [{ headers, raw, body } = sink.received[0]!] = sink.received;
  expect(headers["content-encoding"]).toBe("gzip");
  expect(raw.length).toBeLessThan(500);
  expect(JSON.parse(body.toString())).toEqual(large);
});

test.each([
  [200, { kind: "delivered" }],
  [400, { kind: "refused", reason: "status 400: why" }],
  [401, { kind: "closed" }],
  [404, { kind: "closed" }],
  [408, { kind: "try later" }],
  [413, { kind: "too large" }],
  [429, { kind: "try later", afterMs: 3000 }],
  [500, { kind: "try later" }],
  [503, { kind: "try later", afterMs: 3000 }],
])("takes status %i for %o", async (code, result) => {
  sink.answer = status(code, " why\n", { "Retry-After": "3" });
  expect(await send(make())).toMatchObject(result);
});

test("sends again at once when the connection it kept had been closed meanwhile", async () => {
  const to = make();
  await send(to);
  const [first] = sink.received;
  sink.answer = (_, response) => {
    sink.answer = status(200);
    response.socket?.destroy();
  };
  expect(await send(to)).toEqual({ kind: "delivered" });
  expect(sink.received.map(({ body }) => body.toString())).toEqual(Array(3).fill(first!.body.toString()));
});

test("does not trust a kept connection after a freeze", async () => {
  const to = make();
  const ports: unknown[] = [];
  sink.answer = (_, response) => {
    ports.push(response.socket?.remotePort);
    response.end();
  };
  await send(to);
  await send(to);
  to.thawed?.();
  await send(to);
  expect(ports[0]).toBe(ports[1]);
  expect(ports[2]).not.toBe(ports[1]);
});

test("says where nobody listens", async () => {
  sink.close();
  await expect(send(make())).rejects.toThrow(/^127\.0\.0\.1:\d+: ECONNREFUSED \(nobody listens there\)$/);
});
