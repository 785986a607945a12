import { describe, expect, test, vi } from "vitest";
import { status } from "../../../test/fixtures/http-sink.ts";
import { line } from "../delivery/simulated-destination.spec-support.ts";
import { elasticsearch, type ElasticsearchSettings } from "./elasticsearch.ts";
import { openSearch } from "./opensearch.ts";
import {
  arn,
  bulkAnswerExample,
  bulkExample,
  jsonLine,
  report,
  requestId,
  sendAll,
  shapeOf,
  simulatedVendor,
  spanId,
  start,
  traceId,
} from "./vendor-requests.spec-support.ts";

const allTaken = '{"errors":false}';

const vendor = simulatedVendor(status(200, allTaken));

const make = (more: ElasticsearchSettings = {}) => elasticsearch({ url: vendor.url, ...more });

/** Whatever arrived, looked into by the tests. */
type Json = ReturnType<typeof JSON.parse>;
function linesAt(index = 0): Json[] {
  const text = vendor.sink.received[index]!.body.toString();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((each): Json => JSON.parse(each));
}
const idsAt = (index: number): string[] => linesAt(index).flatMap(({ create }) => create?._id ?? []);

test("posts what Elasticsearch's documentation shows, and asks for no more of the answer than it reads", async () => {
  expect(await sendAll(make(), [line("hello\n")])).toEqual({ kind: "delivered" });
  expect(vendor.sink.received[0]).toMatchObject({
    method: "POST",
    url: "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason",
    headers: { "content-type": "application/x-ndjson" },
  });
  expect(linesAt()).toEqual([shapeOf(bulkExample[0]), expect.any(Object)]);
});

test("writes documents of the Elastic Common Schema", async () => {
  await sendAll(make({ index: "logs-shop-prod", fields: { labels: { team: "shop" } } }), [
    start,
    line("during\n"),
    jsonLine,
    report,
  ]);
  const all = linesAt();
  expect(all[2]).toEqual({ create: { _index: "logs-shop-prod", _id: expect.any(String) } });
  expect(all[3]).toEqual({
    "@timestamp": "2026-04-11T06:20:00.540Z",
    message: "during",
    event: { dataset: "aws.lambda", action: "function" },
    service: { name: "orders" },
    cloud: { provider: "aws", region: "eu-north-1", account: { id: "222233334444" }, service: { name: "lambda" } },
    faas: { id: arn, name: "orders", version: "$LATEST", execution: requestId },
    trace: { id: traceId },
    span: { id: spanId },
    labels: { team: "shop" },
  });
  expect(all[5]).toMatchObject({
    message: "low stock",
    log: { level: "warn" },
    aws: { lambda: { record: { cart: 7 } } },
  });
  expect(all[7]).toMatchObject({
    message: expect.stringMatching(/^REPORT /),
    event: { action: "platform.report" },
    log: { level: "error" },
    aws: { lambda: { record: report.record } },
  });
});

test("gives each document an id of its own, the same when it is sent again", async () => {
  const to = make();
  const equal = [line("same"), line("same")];
  await sendAll(to, equal);
  await sendAll(to, equal);
  await sendAll(to, equal, "another batch");
  expect(idsAt(0)).toHaveLength(2);
  expect(idsAt(1)).toEqual(idsAt(0));
  expect(new Set([...idsAt(0), ...idsAt(2)]).size).toBe(4);
});

const item = (code: number, type?: string) => ({
  create: { status: code, ...(type === undefined ? {} : { error: { type, reason: "why" } }) },
});
const answered = (...items: readonly object[]) => status(200, JSON.stringify({ errors: true, items }));
const three = [line("one"), line("two"), line("three")];

describe("of a request that failed in part", () => {
  test("what is there already counts as taken, as in the documentation's answer", async () => {
    vendor.sink.answer = status(200, JSON.stringify(bulkAnswerExample));
    expect(await sendAll(make(), three.slice(1))).toEqual({ kind: "delivered" });
  });

  test("only what may be taken later is sent again", async () => {
    vendor.sink.answer = answered(
      item(201),
      item(429, "es_rejected_execution_exception"),
      item(400, "strict_dynamic_mapping_exception"),
    );
    expect(await sendAll(make(), three)).toEqual({
      kind: "partly",
      failed: [
        { index: 1, reason: "status 429: es_rejected_execution_exception why", retry: true, unreadable: false },
        { index: 2, reason: "status 400: strict_dynamic_mapping_exception why", retry: false, unreadable: true },
      ],
    });
  });

  test.each([503, 500, 403])("status %i is tried again", async (code) => {
    vendor.sink.answer = answered(item(201), item(code, "e"), item(201));
    expect(await sendAll(make(), three)).toMatchObject({ kind: "partly", failed: [{ index: 1, retry: true }] });
  });

  test.each([
    [404, "index_not_found_exception"],
    [403, "security_exception"],
  ])("status %i for all is nobody's document's fault: everything stays in the spool", async (code, type) => {
    vendor.sink.answer = answered(item(code, type), item(code, type), item(code, type));
    expect(await sendAll(make(), three)).toEqual({ kind: "closed", reason: `status ${code}: ${type} why` });
  });

  test("a member that the index maps otherwise is kept as text", async () => {
    const answers = [answered(item(201), item(400, "document_parsing_exception")), status(200, allTaken)];
    vendor.sink.answer = (received, response) => answers.shift()!(received, response);
    expect(await sendAll(make(), [line("one"), jsonLine])).toEqual({ kind: "delivered" });
    const [action, document] = linesAt(1);
    expect(action).toEqual(linesAt(0)[2]);
    expect(document.aws).toBeUndefined();
    expect(document.event.original).toBe('{"cart":7}');
    expect(document).toMatchObject({ message: "low stock", event: { action: "function" } });
  });

  test("what is refused as text too is dropped; what could not be asked then is tried again", async () => {
    const answers = [answered(item(429, "busy"), item(400, "p")), answered(item(400, "q"))];
    vendor.sink.answer = (received, response) => answers.shift()!(received, response);
    expect(await sendAll(make(), [line("one"), jsonLine])).toMatchObject({
      kind: "partly",
      failed: [
        { index: 0, retry: true },
        { index: 1, retry: false, reason: "status 400: q why" },
      ],
    });
    const later = [answered(item(201), item(400, "p")), status(503)];
    vendor.sink.answer = (received, response) => later.shift()!(received, response);
    expect(await sendAll(make(), [line("one"), jsonLine])).toMatchObject({
      kind: "partly",
      failed: [{ index: 1, retry: true }],
    });
  });

  test("an answer of a thousand failures is read to its end", async () => {
    const many = Array.from({ length: 1000 }, () => line("x"));
    vendor.sink.answer = answered(
      ...many.map(() => ({ create: { status: 429, error: { type: "t", reason: "r".repeat(150) } } })),
    );
    const result = await sendAll(make({ compression: "none" }), many);
    expect(result).toMatchObject({ kind: "partly", failed: { length: 1000 } });
  });
});

test.each([
  [400, "refused"],
  [401, "closed"],
  [403, "closed"],
  [404, "closed"],
  [413, "too large"],
  [429, "try later"],
  [502, "try later"],
])("takes status %i for %s", async (code, kind) => {
  vendor.sink.answer = status(code, "why");
  expect(await sendAll(make(), three)).toMatchObject({ kind });
});

test("takes an answer that it cannot read for none", async () => {
  vendor.sink.answer = status(200, "<html>");
  expect(await sendAll(make(), three)).toMatchObject({ kind: "try later" });
});

describe("access", () => {
  test.each([
    ["a key", () => make({ apiKey: "a2V5" }), "ApiKey a2V5"],
    ["user and password", () => make({ username: "u", password: async () => "p" }), `Basic ${btoa("u:p")}`],
    ["the address", () => elasticsearch({ url: vendor.url.replace("//", "//u:p%40@") }), `Basic ${btoa("u:p@")}`],
    [
      "OpenSearch's password",
      () => openSearch({ url: vendor.url, username: "u", password: "p" }),
      `Basic ${btoa("u:p")}`,
    ],
  ])("by %s", async (_, destination, authorization) => {
    const to = destination();
    expect(await sendAll(to, three)).toEqual({ kind: "delivered" });
    expect(vendor.sink.received[0]!.headers["authorization"]).toBe(authorization);
    expect(to.name).not.toContain("u:p");
  });

  test("by variables", async () => {
    vi.stubEnv("ELASTICSEARCH_URL", `${vendor.url}/behind/a/proxy`);
    vi.stubEnv("ELASTIC_API_KEY", "k");
    await sendAll(elasticsearch(), three);
    expect(vendor.sink.received[0]).toMatchObject({
      url: expect.stringMatching(/^\/behind\/a\/proxy\/_bulk\?/),
      headers: { authorization: "ApiKey k" },
    });
  });

  test("asks for the address by name", async () => {
    vi.stubEnv("OPENSEARCH_URL", undefined);
    expect(await sendAll(openSearch(), three)).toEqual({
      kind: "closed",
      reason: expect.stringContaining("OPENSEARCH_URL"),
    });
  });

  test.each([
    [{ sigV4: "es", region: "eu-west-1" }, "eu-west-1/es", "host;x-amz-date;x-amz-security-token"],
    [{ sigV4: "aoss" }, "eu-north-1/aoss", "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"],
  ] as const)("by the function's role with %o", async (settings, scope, signed) => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    await sendAll(openSearch({ url: vendor.url, ...settings }), [line("x".repeat(3000))]);
    const [{ headers } = vendor.sink.received[0]!] = vendor.sink.received;
    const names = `content-encoding;content-type;${signed}`;
    expect(headers["authorization"]).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/${scope}/aws4_request, SignedHeaders=${names}, `),
    );
    expect(headers["x-amz-security-token"]).toBe("session");
  });

  test("OpenSearch Serverless is sent no ids, which it refuses in time series", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret");
    await sendAll(openSearch({ url: vendor.url, sigV4: "aoss" }), three);
    expect(idsAt(0)).toEqual([]);
  });
});
