/** Calls of function URLs: the event, the answer, streaming, CORS, who may call (SVC-235 to SVC-253). */
import { request } from "node:http";
import { expect, test } from "vitest";
import { type Answer, type FunctionSetup, newGate, openGate, openService, type Service } from "../fixtures/services.ts";

interface Called {
  readonly service: Service;
  readonly id: string;
  readonly call: (
    method: string,
    path?: string,
    body?: string | Uint8Array,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

/** A function with a URL; `config` is of the URL. */
async function opened(
  setup: FunctionSetup,
  config: object = {},
  settings: Parameters<typeof openService>[0] = {},
): Promise<Called> {
  const service = await openService(settings);
  await service.create("web", setup);
  const made = await service.call(
    "POST",
    "/2021-10-31/functions/web/url",
    JSON.stringify({ AuthType: "NONE", ...config }),
  );
  const id = /\/lambda-url\/([a-z0-9]{32})\//u.exec(made.text)?.[1] ?? made.text;
  return {
    service,
    id,
    call: (method, path = "/", body, headers) => service.call(method, `/lambda-url/${id}${path}`, body, headers),
  };
}

/** A function that answers with its event. */
const echo = { files: { "index.mjs": "export const handler = async (event) => event;" } };

const returning = (value: string): FunctionSetup => ({
  files: { "index.mjs": `export const handler = async (event) => (${value});` },
});

const streaming = (body: string): FunctionSetup => ({
  files: { "index.mjs": `export const handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });` },
});

const encodings: Readonly<Record<string, BufferEncoding>> = { true: "base64", false: "utf8" };

/** What comes, as it comes. */
async function* chunksOf({ body }: Response): AsyncGenerator<string> {
  for await (const chunk of body ?? []) yield Buffer.from(chunk).toString("utf8");
}

const eventOf = ({ text }: Answer): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

test("[SVC-235] [SVC-237] [SVC-238] [SVC-239] the function gets the request in payload format 2.0", async () => {
  const { service, id, call } = await opened(echo);
  const answer = await call("POST", "/a%20b/c?x=1&y=%C3%A9&x=2&empty=", '{"a":1}', {
    "content-type": "application/json",
    "X-Own": "one",
    cookie: "a=1; b=2",
    "user-agent": "test",
  });
  const event = eventOf(answer);
  expect(event).toEqual({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/a%20b/c",
    rawQueryString: "x=1&y=%C3%A9&x=2&empty=",
    cookies: ["a=1", "b=2"],
    headers: expect.objectContaining({
      "x-own": "one",
      host: new URL(service.endpoint).host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": new URL(service.endpoint).port,
      "x-forwarded-proto": "http",
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/u) as string,
    }) as unknown,
    queryStringParameters: { x: "1,2", y: "é", empty: "" },
    requestContext: {
      accountId: "anonymous",
      apiId: id,
      domainName: expect.stringContaining(`${id}.lambda-url.us-east-1.`) as string,
      domainPrefix: id,
      http: { method: "POST", path: "/a%20b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: answer.headers.get("x-amzn-requestid"),
      routeKey: "$default",
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/u) as string,
      timeEpoch: expect.any(Number) as number,
    },
    body: '{"a":1}',
    isBase64Encoded: false,
  });
  expect(Object.keys(event["headers"] as object)).not.toContain("connection");
});

test("[SVC-235] a request whose Host begins with the id and lambda-url reaches the same function at /", async () => {
  const { service, id } = await opened(returning("event.rawPath"));
  const { port } = new URL(service.endpoint);
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(
      { port, host: "127.0.0.1", path: "/by-host", headers: { host: `${id}.lambda-url.us-east-1.localhost:${port}` } },
      (response) => {
        response.setEncoding("utf8").on("data", resolve);
      },
    );
    sent.on("error", reject).end();
  });
  expect(text).toBe("/by-host");
});

test("[SVC-238] repeated headers are joined with a comma", async () => {
  const { service, id } = await opened(returning("event.headers['x-twice']"));
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(
      `${service.endpoint}/lambda-url/${id}/`,
      { headers: { "x-twice": ["one", "two"] } },
      (response) => {
        response.setEncoding("utf8").on("data", resolve);
      },
    );
    sent.on("error", reject).end();
  });
  expect(text).toBe("one,two");
});

test.each([
  ["text/plain; charset=utf-8", "é", false],
  ["application/xml", "<a/>", false],
  ["application/vnd.api+json", "{}", false],
  ["application/x-www-form-urlencoded", "a=1", false],
  ["application/octet-stream", "Ynl0ZXM=", true],
  ["image/png", "Ynl0ZXM=", true],
])("[SVC-240] a body of type %s is told as %j, base64 %j", async (type, told, isBase64Encoded) => {
  const { call } = await opened(echo);
  const body = Buffer.from(told, encodings[String(isBase64Encoded)]);
  const answer = await call("POST", "/", body, { "content-type": type });
  expect(eventOf(answer)).toMatchObject({ body: told, isBase64Encoded });
});

test("[SVC-239] [SVC-240] what is empty is left out, and a body above 6 MiB is refused", async () => {
  const { call } = await opened(echo);
  const event = eventOf(await call("GET", ""));
  expect(event).toMatchObject({ rawPath: "/", rawQueryString: "", isBase64Encoded: false });
  for (const name of ["body", "queryStringParameters", "cookies"]) expect(event).not.toHaveProperty(name);
  expect((await call("POST", "/", Buffer.alloc(6_291_457))).status).toBe(413);
});

test("[SVC-241] status, headers, cookies and body of the result are the answer's", async () => {
  const { call } = await opened(
    returning(
      '{ statusCode: "201", headers: { "X-Own": "a", "Content-Type": "text/html" }, cookies: ["a=1; Path=/", "b=2"], body: Buffer.from("é").toString("base64"), isBase64Encoded: true }',
    ),
  );
  const answer = await call("GET");
  expect([answer.status, answer.text, answer.headers.get("x-own"), answer.headers.get("content-type")]).toEqual([
    201,
    "é",
    "a",
    "text/html",
  ]);
  expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
});

test.each([
  ["{ statusCode: 200, body: { a: [1, 2] } }", '{"a":[1,2]}'],
  ['{ hello: "world" }', '{"hello":"world"}'],
  ['"plain"', "plain"],
  ["[1, 2]", "[1,2]"],
  ["null", "null"],
  ["{ statusCode: 202 }", ""],
])("[SVC-241] [SVC-242] the result %s is the body %j, as JSON", async (result, body) => {
  const { call } = await opened(returning(result));
  const answer = await call("GET");
  expect([answer.text, answer.headers.get("content-type")]).toEqual([body, "application/json"]);
});

test("[SVC-243] errors of the function are 502, throttles 429, with the request id of the event", async () => {
  const { service, call } = await opened(
    returning(
      'event.rawPath === "/throw" ? (() => { throw new Error("no"); })() : event.rawPath === "/hang" ? new Promise((done) => setTimeout(done, 60000)) : { statusCode: 200, headers: { "bad name": "x" } }',
    ),
    {},
  );
  await service.call("PUT", "/2015-03-31/functions/web/configuration", '{"Timeout":1}');
  for (const path of ["/throw", "/hang", "/bad-header"]) {
    const answer = await call("GET", path);
    expect([answer.status, answer.text, answer.headers.get("content-type")]).toEqual([
      502,
      "Internal Server Error",
      "application/json",
    ]);
  }
  await service.call("PUT", "/2017-10-31/functions/web/concurrency", '{"ReservedConcurrentExecutions":0}');
  expect((await call("GET")).status).toBe(429);
});

test("[SVC-244] in RESPONSE_STREAM bytes come as they are written, without frames", async () => {
  const gate = newGate();
  const { service, id } = await opened(
    {
      files: {
        "index.mjs": `import { existsSync } from "node:fs";
          export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.setContentType("text/plain"); stream.write("first"); while (!existsSync(${JSON.stringify(gate)})) await new Promise((done) => setTimeout(done, 5)); stream.end("second"); });`,
      },
      Timeout: 30,
    },
    { InvokeMode: "RESPONSE_STREAM" },
  );
  const response = await fetch(`${service.endpoint}/lambda-url/${id}/`);
  expect(response.headers.get("content-type")).toBe("text/plain");
  const seen: string[] = [];
  for await (const chunk of chunksOf(response)) {
    seen.push(chunk);
    openGate(gate);
  }
  expect(seen).toEqual(["first", "second"]);
});

test("[SVC-244] a handler that does not stream has its status and headers honoured, and its whole result is the body", async () => {
  const { call } = await opened(returning('{ statusCode: 201, headers: { "X-Own": "a" }, body: "text" }'), {
    InvokeMode: "RESPONSE_STREAM",
  });
  const answer = await call("GET");
  expect([answer.status, answer.headers.get("x-own")]).toEqual([201, "a"]);
  expect(eventOf(answer)).toEqual({ statusCode: 201, headers: { "X-Own": "a" }, body: "text" });
});

const withPrelude = streaming(
  'const http = awslambda.HttpResponseStream.from(stream, { statusCode: 203, headers: { "X-Own": "a", "content-type": "text/html" }, cookies: ["c=1"] }); http.write("<p>"); http.end("</p>");',
);

test("[SVC-245] the JSON before eight NUL bytes gives status, headers and cookies of a stream", async () => {
  const { service, call } = await opened(withPrelude, { InvokeMode: "RESPONSE_STREAM" });
  const answer = await call("GET");
  expect([answer.status, answer.text, answer.headers.get("x-own"), answer.headers.get("content-type")]).toEqual([
    203,
    "<p></p>",
    "a",
    "text/html",
  ]);
  expect(answer.headers.getSetCookie()).toEqual(["c=1"]);
  const raw = await service.call("POST", "/2021-11-15/functions/web/response-streaming-invocations", "{}");
  expect([raw.bytes.includes(Buffer.alloc(8)), raw.text.includes('"statusCode":203')]).toEqual([true, true]);
});

test("[SVC-245] a stream that ends before the NUL bytes is a 502", async () => {
  const { call } = await opened(
    streaming('stream.setContentType("application/vnd.awslambda.http-integration-response"); stream.end("{}");'),
    { InvokeMode: "RESPONSE_STREAM" },
  );
  expect((await call("GET")).status).toBe(502);
});

test("[SVC-246] behind BUFFERED a stream is collected; of one with a prelude only that is sent", async () => {
  const plain = await opened(streaming('stream.write("one "); stream.end("two");'));
  const answer = await plain.call("GET");
  expect([answer.status, answer.text, answer.headers.get("content-type")]).toEqual([
    200,
    "one two",
    "application/octet-stream",
  ]);
  const prelude = await opened(withPrelude);
  const described = await prelude.call("GET");
  expect([described.status, described.text, described.headers.get("x-own")]).toEqual([203, "", "a"]);
});

test("[SVC-247] HEAD and 204 send no body", async () => {
  const { call } = await opened(returning('{ statusCode: event.rawPath === "/none" ? 204 : 200, body: "text" }'));
  const head = await call("HEAD");
  const none = await call("GET", "/none");
  expect([head.status, head.text, none.status, none.text]).toEqual([200, "", 204, ""]);
});

const cors = {
  Cors: {
    AllowOrigins: ["https://a.example"],
    AllowMethods: ["GET", "PUT"],
    AllowHeaders: ["X-Own"],
    ExposeHeaders: ["X-Shown"],
    MaxAge: 60,
    AllowCredentials: true,
  },
};

test("[SVC-248] a preflight is answered by the service, with headers only when all it asks is allowed", async () => {
  const { service, call } = await opened(returning("{ statusCode: 500 }"), cors);
  const preflight = (headers: Record<string, string>): Promise<Answer> =>
    call("OPTIONS", "/", undefined, { origin: "https://a.example", ...headers });
  const allowed = await preflight({
    "access-control-request-method": "PUT",
    "access-control-request-headers": "x-own",
  });
  expect([allowed.status, allowed.text]).toEqual([200, ""]);
  expect(Object.fromEntries([...allowed.headers].filter(([name]) => name.startsWith("access-control")))).toEqual({
    "access-control-allow-origin": "https://a.example",
    "access-control-allow-methods": "GET,PUT",
    "access-control-allow-headers": "x-own",
    "access-control-allow-credentials": "true",
    "access-control-max-age": "60",
  });
  for (const refused of [
    { "access-control-request-method": "DELETE" },
    { "access-control-request-method": "PUT", "access-control-request-headers": "x-other" },
    { "access-control-request-method": "PUT", origin: "https://b.example" },
  ])
    expect((await preflight(refused)).headers.get("access-control-allow-origin")).toBeNull();
  expect(service.environments()).toEqual([]);
});

test("[SVC-249] answers to an allowed origin say so, and expose what both want exposed; without CORS the function answers OPTIONS", async () => {
  const { call } = await opened(
    returning(
      '{ statusCode: 200, headers: { "Access-Control-Expose-Headers": "X-Theirs" }, body: event.requestContext.http.method }',
    ),
    cors,
  );
  const answer = await call("GET", "/", undefined, { origin: "https://a.example" });
  expect(answer.headers.get("access-control-allow-origin")).toBe("https://a.example");
  expect(answer.headers.get("vary")).toBe("Origin");
  expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
  expect(answer.headers.get("access-control-expose-headers")).toBe("X-Theirs,X-Shown");
  const stranger = await call("GET", "/", undefined, { origin: "https://b.example" });
  expect([stranger.status, stranger.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  const without = await opened(returning("event.requestContext.http.method"));
  const options = await without.call("OPTIONS", "/", undefined, {
    origin: "https://a.example",
    "access-control-request-method": "PUT",
  });
  expect(options.text).toBe("OPTIONS");
});

test("[SVC-236] an unknown id is refused as on AWS", async () => {
  const service = await openService();
  const answer = await service.call("GET", `/lambda-url/${"x".repeat(32)}/`);
  expect([answer.status, answer.headers.get("x-amzn-errortype"), answer.text]).toEqual([
    403,
    "AccessDeniedException",
    '{"Message":null}',
  ]);
});

test("[SVC-251] AWS_IAM wants a signature, tells the function who signed, and keeps the signature to itself", async () => {
  const { call } = await opened(echo, { AuthType: "AWS_IAM" });
  const unsigned = await call("GET");
  expect([unsigned.status, unsigned.text]).toEqual([403, '{"Message":"Forbidden"}']);
  const credential = "Credential=AKIDTEST/20261123/us-east-1/lambda/aws4_request";
  const signed = eventOf(
    await call("GET", "/", undefined, {
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=00`,
    }),
  );
  expect(signed).toMatchObject({
    requestContext: {
      accountId: "000000000000",
      authorizer: {
        iam: { accessKey: "AKIDTEST", accountId: "000000000000", userArn: "arn:aws:iam::000000000000:root" },
      },
    },
  });
  expect(Object.keys(signed["headers"] as object)).not.toContain("authorization");
  const presigned = await call("GET", "/?X-Amz-Credential=AKIDTEST%2F20261123%2Fus-east-1%2Flambda%2Faws4_request");
  expect(presigned.status).toBe(200);
});

test("[SVC-252] with enforcePolicies a NONE URL needs a statement that lets everybody call it", async () => {
  const { service, call } = await opened(returning('"in"'), {}, { enforcePolicies: true });
  const refused = await call("GET");
  expect([refused.status, refused.headers.get("x-amzn-errortype")]).toEqual([403, "AccessDeniedException"]);
  expect(refused.text).toContain("Function URL authorization issues");
  await service.call(
    "POST",
    "/2015-03-31/functions/web/policy",
    JSON.stringify({
      StatementId: "all",
      Action: "lambda:InvokeFunctionUrl",
      Principal: "*",
      FunctionUrlAuthType: "NONE",
    }),
  );
  expect((await call("GET")).text).toBe("in");
});

test("[SVC-253] the URL of a deleted alias answers 403, and works again with a new alias of that name", async () => {
  const service = await openService();
  await service.create("web", returning('"in"'));
  await service.call("POST", "/2015-03-31/functions/web/versions", "{}");
  const alias = (): Promise<Answer> =>
    service.call("POST", "/2015-03-31/functions/web/aliases", '{"Name":"live","FunctionVersion":"1"}');
  await alias();
  const made = await service.call("POST", "/2021-10-31/functions/web/url?Qualifier=live", '{"AuthType":"NONE"}');
  const path = /\/lambda-url\/[a-z0-9]{32}\//u.exec(made.text)?.[0];
  const call = async (): Promise<number> => (await service.call("GET", String(path))).status;
  expect(await call()).toBe(200);
  await service.call("DELETE", "/2015-03-31/functions/web/aliases/live");
  expect(await call()).toBe(403);
  await alias();
  expect(await call()).toBe(200);
});
