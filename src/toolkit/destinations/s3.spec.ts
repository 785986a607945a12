import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import { status } from "../../../test/fixtures/http-sink.ts";
import { send, simulatedService } from "./aws/aws-service.spec-support.ts";
import type { Destination } from "./destination.ts";
import { s3, type S3Settings } from "./s3.ts";

const service = simulatedService();
const make = (more: Partial<S3Settings> = {}): Destination =>
  s3({ bucket: "lines", endpoint: service.endpoint, ...more });
const urls = (): string[] => service.sink.received.map(({ url }) => url);
const said = (code: number, name: string, headers: Readonly<Record<string, string>> = {}) =>
  status(code, `<?xml version="1.0"?><Error><Code>${name}</Code><Message>said so</Message></Error>`, headers);

test("puts the records as the lines of one packed object", async () => {
  expect(await send(make(), [line("one"), line("two")])).toEqual({ kind: "delivered" });
  const [{ method, url, headers, raw } = service.sink.received[0]!] = service.sink.received;
  expect({ method, url }).toEqual({
    method: "PUT",
    url: "/lines/orders/2026/04/11/06/20260411T062000.540Z-id-0.ndjson.gz",
  });
  const lines = gunzipSync(raw).toString().trimEnd().split("\n");
  expect(lines.map((text) => JSON.parse(text).record)).toEqual(["one", "two"]);
  expect(headers).toMatchObject({
    "content-type": "application/gzip",
    "x-amz-checksum-sha256": createHash("sha256").update(raw).digest("base64"),
    authorization: expect.stringContaining("/eu-north-1/s3/aws4_request"),
  });
  expect(headers["content-encoding"]).toBeUndefined();
});

test("puts the same records to the same place, whoever sends them again", async () => {
  await send(make(), [line("one"), line("two")]);
  await send(make(), [line("one")]);
  expect(urls()[0]).toBe(urls()[1]);
});

test("names objects as it is told, encoded as the signature has it, with headers of one's own", async () => {
  const headers = { "x-amz-storage-class": "STANDARD_IA" };
  const key: S3Settings["key"] = ({ origin: { functionVersion }, time, id, extension }) =>
    `${functionVersion} ü(1)!/${time.getUTCFullYear()}/${id}${extension}`;
  await send(make({ prefix: "a+b/", key, headers, compression: "none" }), [line("one")]);
  expect(urls()).toEqual(["/lines/a%2Bb/%24LATEST%20%C3%BC%281%29%21/2026/id-0.ndjson"]);
  expect(service.sink.received[0]!.headers).toMatchObject({ ...headers, "content-type": "application/x-ndjson" });
  expect(service.sink.received[0]!.body.toString()).toMatch(/^\{"id":"id-0",.*"one"\}\n$/);
});

test("does not put a key to another place than it names", async () => {
  expect(await send(make({ key: () => "a/../../other/x" }), [line("one")])).toMatchObject({ kind: "closed" });
  expect(service.sink.received).toEqual([]);
});

test.each([
  [503, "SlowDown", "try later"],
  [503, "ServiceUnavailable", "try later"],
  [500, "InternalError", "try later"],
  [400, "RequestTimeout", "try later"],
  [400, "BadDigest", "try later"],
  [409, "OperationAborted", "try later"],
  [400, "EntityTooLarge", "too large"],
  [403, "AccessDenied", "closed"],
  [403, "InvalidAccessKeyId", "closed"],
  [404, "NoSuchBucket", "closed"],
])("takes %i %s for %s", async (code, name, kind) => {
  service.sink.answer = said(code, name);
  expect(await send(make(), [line("x")])).toMatchObject({ kind });
});

test.each([
  [301, "PermanentRedirect"],
  [400, "AuthorizationHeaderMalformed"],
])("says in which region the bucket is: %i %s", async (code, name) => {
  service.sink.answer = said(code, name, { "x-amz-bucket-region": "eu-west-1" });
  expect(await send(make(), [line("x")])).toEqual({
    kind: "closed",
    reason: "the bucket is in eu-west-1, not in eu-north-1: set region",
  });
});

test("counts line ends, and makes objects of a size that memory bears", () => {
  expect(make().limits).toEqual({ maxItems: 10_000, maxBytes: 8 * 1024 * 1024, itemOverheadBytes: 1 });
  expect(make({ line: () => "ü" }).encode(line("x"), origin, "id")).toMatchObject([{ body: "ü", bytes: 2 }]);
});
