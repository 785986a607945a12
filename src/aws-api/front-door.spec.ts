import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { afterEach, expect, test } from "vitest";
import { type AwsApi, type AwsRequest, type AwsResponse, BodyTooLarge } from "./exchange.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor | undefined;
const faults: unknown[] = [];

afterEach(async () => {
  await door?.close(0);
  door = undefined;
  faults.length = 0;
});

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function open(
  answer: (request: AwsRequest) => AwsResponse | Promise<AwsResponse>,
  rest: Partial<Pick<AwsApi, "claims">> & { openToPages?: (request: AwsRequest) => boolean } = {},
): Promise<FrontDoor> {
  const { claims = () => true, ...options } = rest;
  door = await openFrontDoor({
    port: 0,
    apis: [{ service: "test", claims, answer: async (request) => answer(request) }],
    unclaimed: ({ path }) => ({ status: 404, body: `nobody claims ${path}` }),
    faulted: (cause) => faults.push(cause),
    ...options,
  });
  return door;
}

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: string;
}

/** A client that sends everything before it looks for an answer, as many do. */
async function call({ port }: FrontDoor, options: RequestOptions = {}, pieces: readonly string[] = []): Promise<Got> {
  const request = httpRequest({ host: "127.0.0.1", port, ...options });
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  for (const piece of pieces) request.write(piece);
  request.end();
  const [response] = await answered;
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode!, headers: response.headers, trailers: response.trailers, body };
}

test("hands a request on as a value, and the answer back", async () => {
  const opened = await open(async (request) => ({
    status: 201,
    headers: { "content-type": "text/plain", "set-cookie": ["a=1", "b=2"] },
    body: `${request.method} ${request.path} ${request.rawQuery} ${request.query.get("b")} ${request.headers["x-test"]} ${Buffer.from(await request.body(100)).toString()}`,
  }));
  const options = { method: "PUT", path: "/a%2Fb?b=%20c&d", headers: { "X-Test": "yes" } };
  const got = await call(opened, options, ["some ", "body"]);
  expect(got).toMatchObject({ status: 201, body: "PUT /a%2Fb b=%20c&d  c yes some body" });
  expect(got.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
});

test("answers what no API claims by the one that is there for it", async () => {
  const opened = await open(() => ({ status: 200 }), { claims: () => false });
  expect(await call(opened, { path: "/nowhere" })).toMatchObject({ status: 404, body: "nobody claims /nowhere" });
});

test("gives every answer a fresh request id", async () => {
  const opened = await open(({ requestId }) => ({ status: 200, body: requestId }));
  const [first, second] = [await call(opened), await call(opened)];
  expect(first.headers["x-amzn-requestid"]).toMatch(uuid);
  expect(first.headers["x-amzn-requestid"]).toBe(first.body);
  expect(second.headers["x-amzn-requestid"]).not.toBe(first.headers["x-amzn-requestid"]);
});

test("leaves an answer the request id it has of its own", async () => {
  const opened = await open(() => ({ status: 200, headers: { "x-amzn-RequestId": "mine" } }));
  expect((await call(opened)).headers["x-amzn-requestid"]).toBe("mine");
});

test.each([
  ["a page's Origin", { Origin: "https://evil.example" }],
  ["a page's Origin, even null", { Origin: "null" }],
  ["a request from another site", { "Sec-Fetch-Site": "cross-site" }],
  ["a Host of another name", { Host: "evil.example" }],
  ["a Host that only begins like ours", { Host: "localhost.evil.example:9070" }],
])("refuses %s, and asks no API", async (_, headers) => {
  let asked = 0;
  const opened = await open(() => ({ status: 200 + asked++ }));
  const got = await call(opened, { headers, method: "POST" }, ["{}"]);
  expect(got.status).toBe(403);
  expect(got.body).toMatch(/^Refused, since /);
  expect(asked).toBe(0);
});

test.each(["127.0.0.1:1", "localhost", "localhost:9070", "[::1]:9070", "id.lambda-url.eu-west-1.localhost:9070"])(
  "takes the Host %s",
  async (host) => {
    const opened = await open(({ host }) => ({ status: 200, body: host }));
    expect(await call(opened, { headers: { Host: host } })).toMatchObject({ status: 200, body: host });
  },
);

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

test.skipIf(elsewhere === undefined)("is not there for other machines: it listens on loopback alone", async () => {
  const { port } = await open(() => ({ status: 200 }));
  const socket = connect(port, elsewhere);
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});

test("lets pages in where they are meant to come in", async () => {
  const opened = await open(() => ({ status: 200 }), { openToPages: ({ path }) => path.startsWith("/page") });
  const headers = { Origin: "https://a.example" };
  expect((await call(opened, { path: "/page/1", headers })).status).toBe(200);
  expect((await call(opened, { path: "/other", headers })).status).toBe(403);
});

const refusing = async (request: AwsRequest): Promise<AwsResponse> => {
  try {
    return { status: 200, body: String((await request.body(1000)).byteLength) };
  } catch (error) {
    return { status: error instanceof BodyTooLarge ? 413 : 500, body: "too large" };
  }
};

test.each([
  ["of a declared length", { "Content-Length": 20_000_000 }],
  ["in chunks", { "Transfer-Encoding": "chunked" }],
])("lets the refusal of a large body %s reach a client that sends it all first", async (_, headers) => {
  const opened = await open(refusing);
  const pieces = Array.from({ length: 20 }, () => "x".repeat(1_000_000));
  expect(await call(opened, { method: "POST", headers }, pieces)).toMatchObject({ status: 413, body: "too large" });
  // The connection, or another one, still serves.
  expect(await call(opened, { method: "POST" }, ["abc"])).toMatchObject({ status: 200, body: "3" });
});

test("gives a body that is asked for twice twice", async () => {
  const opened = await open(async (request) => {
    const [first, second] = [await request.body(10), await request.body(10)];
    return { status: 200, body: `${Buffer.from(first).toString()} ${Buffer.from(second).toString()}` };
  });
  expect((await call(opened, { method: "POST" }, ["abc"])).body).toBe("abc abc");
});

/** Everything a server sends on one connection to what is written there. */
async function exchange(
  port: number,
  send: string,
  then: { readonly after: RegExp; readonly send: string },
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let got = "";
  let sent = false;
  socket.write(send);
  for await (const chunk of socket) {
    got += String(chunk);
    const ready: boolean = !sent && then.after.test(got);
    sent ||= ready;
    socket.write(ready ? then.send : "");
  }
  return got;
}

const head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n";

test("[SVC-19] sends the interim response to Expect: 100-continue, and then serves", async () => {
  const { port } = await open(refusing);
  const got = await exchange(port, `${head}Content-Length: 5\r\n\r\n`, {
    after: /100 Continue\r\n\r\n$/,
    send: "hello",
  });
  expect(got).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  expect(got).toMatch(/\r\n\r\n5$/);
});

test("refuses a body that is announced too large before it is sent", async () => {
  const { port } = await open(refusing);
  const got = await exchange(port, `${head}Content-Length: 5000\r\n\r\n`, { after: /never/, send: "" });
  expect(got).toMatch(/^HTTP\/1\.1 413 /);
});

test("sends chunks as they come, and trailers after the last", async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const opened = await open(() => ({
    status: 200,
    headers: { Trailer: "x-end" },
    body: (async function* () {
      yield Buffer.from("one ");
      await held;
      yield Buffer.from("two");
    })(),
    trailers: () => ({ "x-end": "yes" }),
  }));
  const request = httpRequest({ host: "127.0.0.1", port: opened.port }).end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const [first] = (await once(response, "data")) as [Buffer];
  expect(first.toString()).toBe("one ");
  release();
  let rest = "";
  for await (const chunk of response) rest += String(chunk);
  expect(rest).toBe("two");
  expect(response.trailers).toEqual({ "x-end": "yes" });
});

test("breaks the connection off when the chunks end in a fault, so that nobody takes a part for the whole", async () => {
  const opened = await open(() => ({
    status: 200,
    body: (async function* () {
      yield Buffer.from("half");
      throw new Error("lost");
    })(),
  }));
  await expect(call(opened)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("says so when the caller is gone before the answer", async () => {
  let asked: (request: AwsRequest) => void = () => {};
  const request = new Promise<AwsRequest>((resolve) => (asked = resolve));
  const opened = await open((given) => {
    asked(given);
    return new Promise(() => {});
  });
  const client = httpRequest({ host: "127.0.0.1", port: opened.port }).end();
  client.on("error", () => {});
  const { signal } = await request;
  expect(signal.aborted).toBe(false);
  const gone = once(signal, "abort");
  client.destroy();
  await gone;
  expect(signal.aborted).toBe(true);
});

test("answers 500 for what no API foresaw, and tells of it", async () => {
  const opened = await open(() => {
    throw new Error("unforeseen");
  });
  const got = await call(opened);
  expect(got).toMatchObject({ status: 500, headers: { "x-amzn-errortype": "ServiceException" } });
  expect(got.body).not.toContain("unforeseen");
  expect(faults).toMatchObject([{ message: "unforeseen" }]);
});

test("lets what runs end within the grace when it is closed, and takes no new connection", async () => {
  let release = (): void => {};
  let began: () => void = () => {};
  const running = new Promise<void>((resolve) => (began = resolve));
  const opened = await open(async () => {
    began();
    await new Promise<void>((resolve) => (release = resolve));
    return { status: 200, body: "done" };
  });
  const answered = call(opened);
  await running;
  const closed = opened.close(60_000);
  await expect(call(opened)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  release();
  expect((await answered).body).toBe("done");
  await closed;
});

test("cuts what is still running when the grace is over", async () => {
  let began: () => void = () => {};
  const running = new Promise<void>((resolve) => (began = resolve));
  const opened = await open(() => {
    began();
    return new Promise(() => {});
  });
  const answered = call(opened).catch((error: unknown) => error);
  await running;
  await opened.close(10);
  expect(await answered).toMatchObject({ code: "ECONNRESET" });
});

test("says that the port is taken", async () => {
  const opened = await open(() => ({ status: 200 }));
  const again = openFrontDoor({ port: opened.port, apis: [], unclaimed: () => ({ status: 404 }), faulted: () => {} });
  await expect(again).rejects.toMatchObject({ code: "port-taken" });
});
