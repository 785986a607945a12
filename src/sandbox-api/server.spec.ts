import { afterEach, describe, expect, test } from "vitest";
import { exactHeader, openRaw, type RawConnection } from "../../test/conformance/raw-http.ts";
import {
  invocationEvent,
  readBuffered,
  readStream,
  serveScripted,
  type Script,
  type Scripted,
} from "../../test/conformance/scripted-environment.ts";
import { invalidRequestId, truncatedRequest } from "../protocol/refusals.ts";

const open: (Scripted | RawConnection)[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    await ("close" in one ? one.close() : one.drop());
  }
});

async function serve(script?: Script): Promise<Scripted> {
  const scripted = await serveScripted(script);
  open.push(scripted);
  return scripted;
}

async function connect({ port }: Scripted): Promise<RawConnection> {
  const connection = await openRaw(port);
  open.push(connection);
  return connection;
}

const id = invocationEvent.requestId;
const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const ping = "GET /2018-06-01/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const eventNext = `GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: 127.0.0.1\r\nLambda-Extension-Identifier: ${id}\r\n\r\n`;
const post = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");
const response = (...headers: string[]): string => post(`/2018-06-01/runtime/invocation/${id}/response`, ...headers);
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe("connections", () => {
  test("[RT-08, EXT-06] no clock of the server can end a parked call or an idle connection", async () => {
    const { server } = await serve();
    expect(server).toMatchObject({ timeout: 0, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  });

  test("the answer to a parked call comes on a connection that serves the next request", async () => {
    const scripted = await serve({ says: { "runtime next": "park" } });
    const runtime = await connect(scripted);
    runtime.send(next);
    await scripted.called("runtime next");
    scripted.release("runtime next", { kind: "invocation", event: invocationEvent });
    expect((await runtime.receive()).body.toString()).toBe('{"parcel":17}');
    runtime.send(ping);
    expect((await runtime.receive()).body.toString()).toBe("pong");
    expect(scripted.abandoned).toEqual([]);
  });

  test("the largest event reaches the runtime byte for byte", async () => {
    const payload = Buffer.from(Uint8Array.from({ length: 6_291_456 }, (_, at) => at % 251));
    const event = { ...invocationEvent, payload };
    const runtime = await connect(await serve({ says: { "runtime next": { kind: "invocation", event } } }));
    runtime.send(next);
    expect((await runtime.receive()).body.equals(payload)).toBe(true);
  });

  test.each([
    ["is reset", (connection: RawConnection) => connection.reset()],
    ["is dropped", (connection: RawConnection) => connection.drop()],
    ["is closed on the client's side", (connection: RawConnection) => connection.halfClose()],
  ])("a call is abandoned when its connection %s while it waits", async (_, lose) => {
    const scripted = await serve({ says: { "runtime next": "park", "event next": "park" } });
    const [runtime, extension] = [await connect(scripted), await connect(scripted)];
    runtime.send(next);
    extension.send(eventNext);
    await Promise.all([scripted.called("runtime next"), scripted.called("event next")]);
    lose(runtime);
    await scripted.wasAbandoned("runtime next");
    expect(scripted.abandoned).toEqual(["runtime next"]);
    lose(extension);
    await scripted.wasAbandoned("event next");
  });

  test.each([
    ["reset", (connection: RawConnection) => connection.reset()],
    ["dropped", (connection: RawConnection) => connection.drop()],
  ])("a call is abandoned when its connection is %s in the middle of the answer", async (_, lose) => {
    const event = { ...invocationEvent, payload: Buffer.alloc(67_108_864) };
    const scripted = await serve({ says: { "runtime next": { kind: "invocation", event } } });
    const runtime = await connect(scripted);
    runtime.stopReading();
    runtime.send(next);
    await scripted.called("runtime next");
    const other = await connect(scripted);
    other.send(ping);
    await other.receive();
    expect(scripted.abandoned).toEqual([]);
    lose(runtime);
    await scripted.wasAbandoned("runtime next");
  });

  test.each([
    ["leaves after it was answered", next],
    ["asked for the connection to be closed", next.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")],
    ["speaks HTTP/1.0", next.replace("HTTP/1.1", "HTTP/1.0")],
  ])("a client that %s has abandoned nothing", async (_, request) => {
    const scripted = await serve();
    const runtime = await connect(scripted);
    runtime.send(request);
    await runtime.receive();
    runtime.reset();
    const other = await connect(scripted);
    other.send(ping);
    await other.receive();
    expect(scripted.abandoned).toEqual([]);
  });
});

describe("request bodies", () => {
  test("[RT-10] a body may come with its length, chunked, or after 100 Continue", async () => {
    const scripted = await serve({ says: { "response begins": readBuffered } });
    const runtime = await connect(scripted);
    runtime.send(`${response("Content-Length: 5")}hello`);
    expect((await runtime.receive()).status).toBe(202);
    runtime.send(`${response("Transfer-Encoding: chunked")}${chunk("hel")}${chunk("lo")}0\r\n\r\n`);
    expect((await runtime.receive()).status).toBe(202);
    runtime.send(response("Content-Length: 5", "Expect: 100-continue"));
    expect((await runtime.receive()).statusLine).toBe("HTTP/1.1 100 Continue");
    runtime.send("hello");
    expect((await runtime.receive()).status).toBe(202);
    const upload = { kind: "complete", body: Buffer.from("hello"), contentType: undefined };
    const hello = { call: "response ends", requestId: id, bytes: 5, upload };
    const ends = scripted.calls.filter((call) => call.call === "response ends");
    expect(ends).toEqual(Array.from({ length: 3 }, () => hello));
  });

  test("[RT-42] a body at the limit is handed over whole", async () => {
    const scripted = await serve({ says: { "response begins": readBuffered } });
    const runtime = await connect(scripted);
    runtime.send(response("Content-Length: 6291556"));
    runtime.send(Buffer.alloc(6_291_556, "x"));
    expect((await runtime.receive()).status).toBe(202);
    expect(scripted.calls.at(-1)).toMatchObject({
      call: "response ends",
      bytes: 6_291_556,
      upload: { kind: "complete", body: { byteLength: 6_291_556 } },
    });
  });

  test.each([
    ["announced", response("Content-Length: 6291557", "Connection: close"), Buffer.alloc(6_291_557, "x"), ""],
    [
      "chunked",
      `${response("Transfer-Encoding: chunked")}5fffff\r\n`,
      Buffer.alloc(0x5fffff, "x"),
      `\r\n${chunk("y".repeat(0x66))}0\r\n\r\n`,
    ],
  ])("[RT-43, RT-45] a longer body, %s, is read to its end before the answer", async (_, head, body, tail) => {
    const scripted = await serve({ says: { "response begins": readBuffered } });
    const runtime = await connect(scripted);
    runtime.send(head);
    runtime.send(body);
    runtime.send(tail);
    await runtime.receive();
    expect(scripted.calls.at(-1)).toEqual({
      call: "response ends",
      requestId: id,
      bytes: 6_291_557,
      upload: { kind: "too large" },
    });
  });

  test("[RT-45] a refused upload on a closing connection is read to its end before the refusal is written", async () => {
    const scripted = await serve({ says: { "response begins": { kind: "refused", refusal: invalidRequestId } } });
    const runtime = await connect(scripted);
    runtime.send(response("Content-Length: 6000000", "Connection: close"));
    runtime.send(Buffer.alloc(3_000_000, "x"));
    await scripted.called("response begins");
    const other = await connect(scripted);
    other.send(ping);
    await other.receive();
    expect(runtime.unread).toBe(0);
    runtime.send(Buffer.alloc(3_000_000, "x"));
    expect((await runtime.receive()).status).toBe(400);
    await runtime.closed;
  });

  test("a refusal on a lasting connection does not wait for the body", async () => {
    const scripted = await serve({ says: { "response begins": { kind: "refused", refusal: invalidRequestId } } });
    const runtime = await connect(scripted);
    runtime.send(response("Content-Length: 5"));
    expect((await runtime.receive()).status).toBe(400);
    runtime.send(`hello${ping}`);
    expect((await runtime.receive()).body.toString()).toBe("pong");
  });

  test.each([
    ["its announced length", `${response("Content-Length: 10")}hello`],
    ["its last chunk", `${response("Transfer-Encoding: chunked")}${chunk("hello")}`],
  ])("[RT-49] an upload that ends before %s is truncated, and a client that still reads is told", async (_, bytes) => {
    const scripted = await serve({
      says: { "response begins": readBuffered, "response ends": { kind: "refused", refusal: truncatedRequest } },
    });
    const runtime = await connect(scripted);
    runtime.send(bytes);
    runtime.halfClose();
    const answer = await runtime.receive();
    expect([answer.status, String(answer.body)]).toEqual([
      400,
      '{"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}\n',
    ]);
    await runtime.closed;
    expect(scripted.calls.at(-1)).toEqual({
      call: "response ends",
      requestId: id,
      bytes: 5,
      upload: { kind: "truncated" },
    });
  });

  test("[RT-49] an upload whose connection is lost is truncated, in a stream too", async () => {
    const scripted = await serve({ says: { "response begins": readStream, "error begins": readBuffered } });
    const runtime = await connect(scripted);
    runtime.send(`${response("Transfer-Encoding: chunked")}${chunk("hello")}`);
    await scripted.called("response begins");
    runtime.reset();
    expect(await scripted.called("response ends")).toMatchObject({ upload: { kind: "truncated" } });
    const again = await connect(scripted);
    again.send(post(`/2018-06-01/runtime/invocation/${id}/error`, "Content-Length: 10"));
    await scripted.called("error begins");
    again.reset();
    expect(await scripted.called("error ends")).toMatchObject({ upload: { kind: "truncated" } });
  });

  test("[RT-49] a garbled chunk ends an upload as truncated", async () => {
    const scripted = await serve({ says: { "response begins": readBuffered } });
    const runtime = await connect(scripted);
    runtime.send(`${response("Transfer-Encoding: chunked")}${chunk("hello")}no size\r\n`);
    await runtime.receive();
    await runtime.closed;
    expect(scripted.calls.at(-1)).toMatchObject({ call: "response ends", upload: { kind: "truncated" } });
  });
});

describe("streamed responses", () => {
  const streamHead = response("Transfer-Encoding: chunked", "Content-Type: text/html");

  test("the content type and each chunk are passed on while the runtime is still sending", async () => {
    const scripted = await serve({ says: { "response begins": readStream } });
    const runtime = await connect(scripted);
    const sent = ["one", "two", "three"];
    runtime.send(streamHead);
    await scripted.called("response begins");
    for (const [index, text] of sent.entries()) {
      runtime.send(chunk(text));
      await expect.poll(() => scripted.chunks.map(String)).toEqual(sent.slice(0, index + 1));
    }
    expect(scripted.streamed).toEqual([{ requestId: id, contentType: "text/html" }]);
    expect(scripted.calls.map(({ call }) => call)).toEqual(["response begins"]);
    runtime.send("0\r\n\r\n");
    expect((await runtime.receive()).status).toBe(202);
    expect(scripted.calls.at(-1)).toMatchObject({ call: "response ends", bytes: 11, upload: { kind: "complete" } });
  });

  test("[RT-54] beyond the limit one byte more is passed on and the rest is read and dropped", async () => {
    const scripted = await serve({ says: { "response begins": { kind: "read body", stream: true, maxBytes: 10 } } });
    const runtime = await connect(scripted);
    runtime.send(`${streamHead}${chunk("01234567")}${chunk("89abcdef")}${chunk("ghi")}0\r\n\r\n`);
    expect((await runtime.receive()).status).toBe(202);
    expect(Buffer.concat(scripted.chunks).toString()).toBe("0123456789a");
    expect(scripted.calls.at(-1)).toMatchObject({ bytes: 19, upload: { kind: "complete" } });
  });

  test("a receiver that asks for patience holds the runtime back", async () => {
    let release = (): void => {};
    const patience = [new Promise<void>((resolve) => (release = resolve))];
    const taken: number[] = [];
    const scripted = await serve({
      says: { "response begins": readStream },
      port: {
        streamChunk: (_, { byteLength }) => {
          taken.push(byteLength);
          return patience.pop();
        },
      },
    });
    const runtime = await connect(scripted);
    runtime.send(response("Content-Length: 8000000"));
    runtime.send(Buffer.alloc(8_000_000));
    await expect.poll(() => taken.length).toBe(1);
    const other = await connect(scripted);
    other.send(ping);
    await other.receive();
    expect(taken).toHaveLength(1);
    release();
    expect((await runtime.receive()).status).toBe(202);
    expect(taken.reduce((sum, bytes) => sum + bytes)).toBe(8_000_000);
  });

  const trailers = [
    "Lambda-Runtime-Function-Error-Type: Runtime.StreamBroke",
    "Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJvb3BzIn0=",
  ];
  const announced = "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body";

  test.each([
    [
      "announced",
      [announced],
      { trailers: { errorType: "Runtime.StreamBroke", errorBody: "eyJlcnJvck1lc3NhZ2UiOiJvb3BzIn0=" } },
    ],
    [
      "one announced",
      ["Trailer: lambda-runtime-function-error-type"],
      { trailers: { errorType: "Runtime.StreamBroke", errorBody: undefined } },
    ],
    ["not announced", [], {}],
  ])("[RT-60] error trailers count when they are %s", async (_, headers, expected) => {
    const scripted = await serve({ says: { "response begins": readStream } });
    const runtime = await connect(scripted);
    const head = response("Transfer-Encoding: chunked", ...headers);
    runtime.send(`${head}${chunk("part")}0\r\n${trailers.join("\r\n")}\r\n\r\n`);
    expect((await runtime.receive()).status).toBe(202);
    const upload = { kind: "complete", body: new Uint8Array(0), contentType: undefined };
    expect(scripted.calls.at(-1)).toEqual({
      call: "response ends",
      requestId: id,
      bytes: 4,
      upload: { ...upload, ...expected },
    });
  });
});

describe("[LIFE-126] what no client can do", () => {
  test.each([
    ["bytes that are no HTTP", "hello\r\n\r\n", 400],
    ["TLS", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0a, 0x0d]), 400],
    ["two lengths", `${response("Content-Length: 5", "Content-Length: 6")}hello`, 400],
    ["a request without a host", "GET /2018-06-01/ping HTTP/1.1\r\n\r\n", 400],
    ["endless headers", `GET / HTTP/1.1\r\nX: ${"x".repeat(1_200_000)}`, 431],
  ])("what is refused before it is a request does no harm: %s", async (_, bytes, status) => {
    const scripted = await serve();
    const client = await connect(scripted);
    client.send(bytes);
    client.halfClose();
    expect((await client.receive()).status).toBe(status);
    await client.closed;
    const other = await connect(scripted);
    other.send(ping);
    expect((await other.receive()).status).toBe(200);
  });

  test("an upgrade to another protocol is not made, and the request is answered as it is", async () => {
    const client = await connect(await serve());
    client.send(ping.replace("\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
    expect((await client.receive()).body.toString()).toBe("pong");
  });

  test("garbage behind a waiting call ends the connection and is no answer to the call", async () => {
    const scripted = await serve({ says: { "runtime next": "park" } });
    const runtime = await connect(scripted);
    runtime.send(next);
    await scripted.called("runtime next");
    runtime.send("garbage\r\n\r\n");
    await runtime.closed;
    expect(runtime.unread).toBe(0);
    await scripted.wasAbandoned("runtime next");
  });

  test("one connection cannot pile up waiting calls", async () => {
    const scripted = await serve({ says: { "runtime next": "park" } });
    const runtime = await connect(scripted);
    runtime.send(next.repeat(5_000));
    await runtime.closed;
    expect(scripted.calls.length).toBeLessThanOrEqual(32);
    await expect.poll(() => scripted.abandoned.length).toBe(scripted.calls.length);
  });

  test("a thousand connections with garbage, half requests and waiting calls leave nothing behind", async () => {
    const scripted = await serve({ says: { "runtime next": "park", "response begins": readBuffered } });
    const things = [next, ping, "garbage\r\n\r\n", response("Content-Length: 10"), "POST /2020-01-01/ext", eventNext];
    const leave = [
      (client: RawConnection) => client.drop(),
      (client: RawConnection) => client.reset(),
      (client: RawConnection) => client.halfClose(),
    ];
    for (let round = 0; round < 5; round += 1) {
      const clients = await Promise.all(Array.from({ length: 200 }, () => openRaw(scripted.port)));
      clients.forEach((client, index) => client.send(String(things[index % things.length])));
      const probe = await openRaw(scripted.port);
      probe.send(ping);
      expect((await probe.receive()).status).toBe(200);
      probe.drop();
      clients.forEach((client, index) => leave[index % leave.length]?.(client));
      await Promise.all(clients.map(({ closed }) => closed));
    }
    const connections = (): Promise<number> =>
      new Promise((resolve) => scripted.server.getConnections((_, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    const count = (name: string, calls: readonly string[]): number => calls.filter((call) => call === name).length;
    const made = scripted.calls.map(({ call }) => call);
    expect(count("runtime next", scripted.abandoned)).toBe(count("runtime next", made));
    expect(count("response ends", made)).toBe(count("response begins", made));
  });
});

describe("what the environment never hears of", () => {
  test.each([
    ["a web page", "Host: 127.0.0.1\r\nOrigin: http://127.0.0.1"],
    ["a rebound name", "Host: attacker.example"],
  ])("a call of %s is answered 403, not asked, and told to the developer", async (_, headers) => {
    const scripted = await serve();
    const page = await connect(scripted);
    page.send(`GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n${headers}\r\n\r\n`);
    expect(await page.receive()).toMatchObject({ status: 403 });
    expect(scripted.calls).toEqual([]);
    expect(scripted.refused).toMatchObject([{ method: "GET", refusal: { status: 403, errorType: "Forbidden" } }]);
  });

  test("refusals made without asking are told to the developer, with the extension's name", async () => {
    const scripted = await serve();
    const extension = await connect(scripted);
    const path = "/2020-01-01/extension/register";
    extension.send(`${post(path, "Lambda-Extension-Name: tracer", "Content-Length: 1")}x`);
    await extension.receive();
    extension.send(post("/2020-01-01/extension/exit/error", "Content-Length: 0"));
    await extension.receive();
    expect(scripted.calls).toEqual([]);
    expect(scripted.refused).toMatchObject([
      { method: "POST", target: path, extensionName: "tracer", refusal: { errorType: "InvalidRequestFormat" } },
      { extensionName: undefined, refusal: { errorType: "Extension.MissingExtensionIdentifier" } },
    ]);
  });

  test("a subscription is asked for when its body is complete, so that no window can close in between", async () => {
    const scripted = await serve({ says: { subscribe: { kind: "may subscribe", extensionName: "tracer" } } });
    const extension = await connect(scripted);
    const lines = ["PUT /2022-07-01/telemetry HTTP/1.1", "Host: sandbox", `Lambda-Extension-Identifier: ${id}`];
    extension.send(`${lines.join("\r\n")}\r\nContent-Length: 2\r\n\r\n{`);
    const other = await connect(scripted);
    other.send(ping);
    await other.receive();
    expect(scripted.calls).toEqual([]);
    extension.send("}");
    expect((await extension.receive()).body.toString()).toBe('"OK"');
    expect(scripted.calls).toEqual([{ call: "subscribe", identifier: id, api: "telemetry" }]);
  });
});

test("[RT-11] a response on one environment's listener is not heard of by another environment", async () => {
  const [one, other] = [
    await serve({ says: { "response begins": readBuffered } }),
    await serve({ says: { "response begins": readBuffered } }),
  ];
  const runtime = await connect(one);
  runtime.send(`${response("Content-Length: 2")}hi`);
  expect((await runtime.receive()).status).toBe(202);
  expect([one.calls.length, other.calls.length]).toEqual([2, 0]);
});

test("[RT-50, EXT-08, TEL-45] a fault behind the port is answered 500, whatever the call, and the server goes on", async () => {
  const says = { "runtime next": "fault", "event next": "fault", subscribe: "fault" } as const;
  const scripted = await serve({ says });
  const client = await connect(scripted);
  const put = (path: string): string =>
    `PUT ${path} HTTP/1.1\r\nHost: sandbox\r\nLambda-Extension-Identifier: ${id}\r\nContent-Length: 2\r\n\r\n{}`;
  for (const request of [next, eventNext, put("/2022-07-01/telemetry"), put("/2020-08-15/logs")]) {
    client.send(request);
    const answer = await client.receive();
    expect([answer.status, exactHeader(answer, "Content-Type"), String(answer.body)]).toEqual([
      500,
      "application/json",
      '{"errorMessage":"Internal Server Error","errorType":"InternalServerError"}\n',
    ]);
  }
  expect(scripted.faults).toEqual(Array.from({ length: 4 }, () => new Error("scripted fault")));
});

test("Node's own fetch, which sends Sec-Fetch-Mode, is no web page", async () => {
  const { port } = await serve();
  const url = `http://127.0.0.1:${port}/2018-06-01/runtime/init/error`;
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(202);
});
