/** The Node.js runtime program as a real process against a scripted Runtime API. */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { answerFrom, initErrorFrom, response } from "../fixtures/runtime-answers.ts";
import { startRuntime, type RuntimeProcess, type RuntimeSetup } from "../fixtures/runtime-process.ts";

const program = fileURLToPath(new URL("../../dist/runtimes/nodejs/bootstrap.js", import.meta.url));
const node = process.env["LAMBDARIUM_TEST_NODE"] ?? process.execPath;

const running: RuntimeProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((runtime) => runtime.end()));
});

type Setup = Partial<RuntimeSetup> & { readonly runtime?: string };

async function start(files: RuntimeSetup["files"] | string, setup: Setup = {}): Promise<RuntimeProcess> {
  const { runtime = "nodejs22.x", env, ...rest } = setup;
  const started = await startRuntime({
    command: () => [node, program],
    files: typeof files === "string" ? { "index.js": files } : files,
    handler: "index.handler",
    env: (places) => ({ AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`, ...env?.(places) }),
    ...rest,
  });
  running.push(started);
  return started;
}

const answerOf = async (files: RuntimeSetup["files"] | string, setup: Setup = {}, event: unknown = {}) =>
  answerFrom(await start(files, setup), event);

const initErrorOf = async (files: RuntimeSetup["files"] | string, setup: Setup = {}) =>
  initErrorFrom<{ trace: string[] }>(await start(files, setup));

describe("finding the handler", () => {
  test.each([
    ["index.handler", { "index.js": "exports.handler = async () => 'here'" }],
    ["src/app.handler", { "src/app.js": "exports.handler = async () => 'here'" }],
    ["index.deep.inside.handler", { "index.js": "exports.deep = { inside: { handler: async () => 'here' } }" }],
    ["src/v1.2.handler", { "src/v1.js": "exports['2'] = { handler: async () => 'here' }" }],
  ])("[ENV-102] splits %s at the first dot after the last slash", async (handler, files) => {
    expect(await answerOf(files, { handler })).toEqual(response("here"));
  });

  test.each(["../index.handler", "index"])("[ENV-103] refuses the handler %s", async (handler) => {
    const error = await initErrorOf("exports.handler = async () => 1", { handler });
    expect(error).toMatchObject({ errorType: "Runtime.MalformedHandlerName", header: "Runtime.MalformedHandlerName" });
  });

  test.each([
    ["no extension", { index: "exports.handler = async () => 'bare'", "index.js": "throw 1" }, "bare"],
    [".js", { "index.js": "exports.handler = async () => 'js'", "index.mjs": "throw 1" }, "js"],
    [".mjs", { "index.mjs": "export const handler = async () => 'mjs'", "index.cjs": "throw 1" }, "mjs"],
    [".cjs", { "index.cjs": "exports.handler = async () => 'cjs'" }, "cjs"],
    ["Node's resolution", { "node_modules/index/index.js": "exports.handler = async () => 'package'" }, "package"],
  ])("[ENV-104] finds the handler's file by %s in this order", async (_how, files, expected) => {
    expect(await answerOf(files)).toEqual(response(expected));
  });

  test.each([
    ["the nearest package.json says module", { "package.json": '{"type":"module"}' }, "undefined"],
    ["no package.json says module", {}, "object"],
  ])("[ENV-105] loads a .js file by its package when %s", async (_case, files, expected) => {
    const code = { undefined: "export const handler =", object: "exports.handler =" }[expected];
    expect(await answerOf({ ...files, "index.js": `${code} async () => typeof module` })).toEqual(response(expected));
  });

  test("[ENV-105] loads .mjs as ES module and .cjs as CommonJS whatever the package says", async () => {
    const mjs = {
      "package.json": '{"type":"commonjs"}',
      "index.mjs": "export const handler = async () => typeof module",
    };
    expect(await answerOf(mjs)).toEqual(response("undefined"));
    const cjs = { "package.json": '{"type":"module"}', "index.cjs": "exports.handler = async () => typeof module" };
    expect(await answerOf(cjs)).toEqual(response("object"));
  });

  test("[ENV-106] finishes top-level await before it asks for an invocation", async () => {
    const { api } = await start({
      "index.mjs": `
        import http from 'node:http';
        const port = process.env.AWS_LAMBDA_RUNTIME_API;
        await new Promise((done) => http.get('http://' + port + '/2018-06-01/runtime/restore/next', (r) => r.resume().on('end', done)));
        export const handler = async () => 'ready';`,
    });
    expect(JSON.parse((await api.invoke()).body)).toBe("ready");
    expect(api.calls.slice(0, 2)).toEqual(["GET /restore/next", "GET /invocation/next"]);
  });

  test.each([
    ["file missing", { "other.js": "" }, "Runtime.ImportModuleError", /^Error: Cannot find module 'index'/],
    [
      "dependency missing",
      { "index.js": "require('nowhere')" },
      "Runtime.ImportModuleError",
      /Cannot find module 'nowhere'/,
    ],
    ["syntax error", { "index.js": "exports.handler = (" }, "Runtime.UserCodeSyntaxError", /^SyntaxError: /],
    ["not exported", { "index.js": "" }, "Runtime.HandlerNotFound", /^index\.handler is undefined or not exported$/],
    [
      "no function",
      { "index.js": "exports.handler = 1" },
      "Runtime.HandlerNotFound",
      /^index\.handler is not a function$/,
    ],
  ])("[ENV-107] names what is wrong: %s", async (_case, files, errorType, message) => {
    const error = await initErrorOf(files);
    expect(error).toMatchObject({ errorType, header: errorType });
    expect(error.errorMessage).toMatch(message);
  });

  test("[ENV-108] posts an exception of the module's own code to init/error and exits without asking for work", async () => {
    const error = await initErrorOf("throw new RangeError('no luck')");
    expect(error).toMatchObject({ errorType: "RangeError", errorMessage: "no luck", exit: { code: 129 } });
    expect(error.trace[0]).toBe("RangeError: no luck");
    expect(error.calls).toEqual(["POST /init/error"]);
  });
});

describe("calling it", () => {
  test.each(["nodejs20.x", "nodejs22.x", "nodejs24.x"])("[ENV-109] awaits a promise's value on %s", async (runtime) => {
    const code = "exports.handler = (event) => Promise.resolve({ got: event })";
    expect(await answerOf(code, { runtime }, { a: [1, "ü"] })).toEqual(response({ got: { a: [1, "ü"] } }));
  });

  test.each([
    ["undefined", "null"],
    ["() => 1", "null"],
    ["'text'", '"text"'],
    ["{ a: undefined, b: new Date(0) }", '{"b":"1970-01-01T00:00:00.000Z"}'],
  ])("[ENV-110] writes the value %s as %s", async (value, expected) => {
    const { api } = await start(`exports.handler = async () => (${value})`);
    expect((await api.invoke()).body).toBe(expected);
  });

  test.each([
    ["nodejs22.x", "Error"],
    ["nodejs24.x", "Runtime.JSONStringifyError"],
  ])("[ENV-110] reports a value that JSON cannot say, on %s as %s", async (runtime, errorType) => {
    const answer = await answerOf("exports.handler = async () => 1n", { runtime });
    const body = { errorType, errorMessage: "Unable to stringify response body" };
    expect(answer).toMatchObject({ outcome: "error", body });
  });

  test("[ENV-111] lets a handler of up to Node.js 22 answer by callback", async () => {
    const code = "exports.handler = (event, context, callback) => setTimeout(callback, 1, null, 'called')";
    expect(await answerOf(code)).toEqual(response("called"));
    const failing = "exports.handler = (event, context, callback) => callback(new TypeError('refused'))";
    expect(await answerOf(failing)).toMatchObject({ outcome: "error", body: { errorType: "TypeError" } });
  });

  test("[ENV-111] judges by the function's runtime: Node.js 24 refuses a third parameter at Init", async () => {
    const error = await initErrorOf("exports.handler = (event, context, callback) => {}", { runtime: "nodejs24.x" });
    expect(error.errorType).toBe("Runtime.CallbackHandlerDeprecated");
  });

  test("[ENV-112] sends a callback's value when the event loop is empty, or at once when asked to", async () => {
    const code = `
      let later = false;
      exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = event.wait;
        const seen = { toJSON: () => later };
        setTimeout(() => { later = true; }, 20);
        callback(null, seen);
      };`;
    expect(await answerOf(code, {}, { wait: true })).toEqual(response(true));
    expect(await answerOf(code, {}, { wait: false })).toEqual(response(false));
  });

  test("[ENV-112] waits for the event loop by default", async () => {
    const code = "exports.handler = (e, context, callback) => callback(null, context.callbackWaitsForEmptyEventLoop)";
    expect(await answerOf(code)).toEqual(response(true));
  });

  test.each(["nodejs22.x", "nodejs24.x"])(
    "[ENV-113] answers null for a handler that says nothing on %s",
    async (runtime) => {
      expect(await answerOf("exports.handler = () => { setTimeout(() => {}, 1) }", { runtime })).toEqual(
        response(null),
      );
    },
  );

  test("[ENV-113] runs the event loop empty before that null", async () => {
    const { api, end, stdout } = await start(
      "exports.handler = () => { setTimeout(() => process.stdout.write('ran'), 5) }",
    );
    expect((await api.invoke()).body).toBe("null");
    await end();
    expect(stdout()).toBe("ran");
  });

  test.each(["nodejs22.x", "nodejs24.x"])(
    "[ENV-114] ends a handler whose promise can never settle on %s",
    async (runtime) => {
      const { api, exited } = await start("exports.handler = async () => new Promise(() => {})", { runtime });
      const { path, body } = await api.invoke();
      expect(path).toMatch(/\/error$/);
      expect(JSON.parse(body)).toMatchObject({ errorType: "Runtime.NodeJsExit" });
      expect((await exited).code).toBe(13);
    },
  );

  test.each(["nodejs22.x", "nodejs24.x"])("[ENV-115] reports a thrown or rejected error on %s", async (runtime) => {
    const code = `
      class Broken extends Error { name = 'Broken' }
      exports.handler = (event) => {
        if (event.now) throw new Broken('at once');
        return Promise.reject(new Broken('later'));
      };`;
    const { api } = await start(code, { runtime });
    const thrown = await api.invoke({ event: { now: true } });
    const rejected = await api.invoke({ event: { now: false } });
    const report = JSON.parse(rejected.body) as { trace: string[] };
    expect(thrown.path).toMatch(/\/error$/);
    expect(JSON.parse(thrown.body)).toMatchObject({ errorType: "Broken", errorMessage: "at once" });
    expect(report).toMatchObject({ errorType: "Broken", errorMessage: "later" });
    expect(Object.keys(report)).toEqual(["errorType", "errorMessage", "trace"]);
    expect(report.trace[0]).toMatch(/: later$/);
    expect(report.trace[1]).toContain("index.js");
    const cause = JSON.parse(String(rejected.headers["lambda-runtime-function-xray-error-cause"])) as object;
    expect(cause).toMatchObject({ exceptions: [{ type: "Broken", message: "later" }] });
  });

  test.each([
    ["'text'", { errorType: "string", errorMessage: "text", trace: [] }],
    ["42", { errorType: "number", errorMessage: "42", trace: [] }],
    ["undefined", { errorType: "string", errorMessage: "handled", trace: [] }],
  ])("[ENV-116] reports the thrown %s by its typeof", async (thrown, expected) => {
    expect(await answerOf(`exports.handler = async () => { throw ${thrown} }`)).toEqual({
      outcome: "error",
      body: expected,
    });
  });

  test("[ENV-117] posts an uncaught exception as the invocation's error and exits with status 129", async () => {
    const code =
      "exports.handler = async () => { setTimeout(() => { throw new Error('astray') }); await new Promise((r) => setTimeout(r, 60_000)) }";
    const { api, exited } = await start(code);
    const { path, body } = await api.invoke();
    expect([path.split("/").at(-1), JSON.parse(body)]).toMatchObject(["error", { errorMessage: "astray" }]);
    expect((await exited).code).toBe(129);
  });

  test("[ENV-118] posts an unhandled rejection and exits with status 128", async () => {
    const code =
      "exports.handler = async () => { Promise.reject(new Error('left')); await new Promise((r) => setTimeout(r, 60_000)) }";
    const { api, exited } = await start(code);
    expect(JSON.parse((await api.invoke()).body)).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "Error: left",
    });
    expect((await exited).code).toBe(128);
  });

  test("[ENV-118] posts an unhandled rejection of Init to init/error", async () => {
    const error = await initErrorOf(
      "Promise.reject(new Error('left')); exports.handler = async () => 1; setTimeout(() => {}, 9e4)",
    );
    expect(error).toMatchObject({ errorType: "Runtime.UnhandledPromiseRejection", exit: { code: 128 } });
    expect(error.calls).toEqual(["POST /init/error"]);
  });

  test("[ENV-119] gives the context its members", async () => {
    const { api } = await start("exports.handler = async (event, context) => context");
    const { body } = await api.invoke({
      requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      headers: {
        "Lambda-Runtime-Client-Context": '{"custom":{"k":"v"}}',
        "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
        "Lambda-Runtime-Aws-Tenant-Id": "tenant-1",
      },
    });
    expect(JSON.parse(body)).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: "tested",
      functionVersion: "$LATEST",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/tested",
      logStreamName: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:tested",
      awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      clientContext: { custom: { k: "v" } },
      identity: { cognitoIdentityId: "i", cognitoIdentityPoolId: "p" },
      tenantId: "tenant-1",
    });
  });

  test("[ENV-119] leaves out of the context what was not sent", async () => {
    const code =
      "exports.handler = async (e, { clientContext, identity, tenantId }) => [clientContext, identity, tenantId].every((x) => x === undefined)";
    expect(await answerOf(code)).toEqual(response(true));
  });

  test("[ENV-120] counts the remaining time down to the deadline", async () => {
    const { api } = await start(
      "exports.handler = async (e, context) => Date.now() + context.getRemainingTimeInMillis()",
    );
    const deadline = Date.now() + 5000;
    const { body } = await api.invoke({ headers: { "Lambda-Runtime-Deadline-Ms": String(deadline) } });
    expect(Math.abs(Number(body) - deadline)).toBeLessThanOrEqual(1);
  });

  test("[ENV-121] publishes the trace header of each invocation", async () => {
    const { api } = await start(
      "const atInit = process.env._X_AMZN_TRACE_ID; exports.handler = async () => [typeof atInit, process.env._X_AMZN_TRACE_ID]",
    );
    const first = await api.invoke({ headers: { "Lambda-Runtime-Trace-Id": "Root=1-a;Sampled=0" } });
    const second = await api.invoke({ headers: { "Lambda-Runtime-Trace-Id": "Root=1-b;Sampled=1" } });
    expect(JSON.parse(first.body)).toEqual(["undefined", "Root=1-a;Sampled=0"]);
    expect(JSON.parse(second.body)).toEqual(["undefined", "Root=1-b;Sampled=1"]);
  });

  test("serves many invocations in one process, over one connection, and after a refused response", async () => {
    const { api } = await start("let n = 0; exports.handler = async () => ++n");
    const answers = [await api.invoke({ answerStatus: 413 }), await api.invoke(), await api.invoke()];
    expect(answers.map(({ body, connection }) => [body, connection])).toEqual([
      ["1", 1],
      ["2", 1],
      ["3", 1],
    ]);
  });

  test("sends the attempt's invocation id back with its answer (RT-39)", async () => {
    const { api } = await start("exports.handler = async () => 1");
    const { headers } = await api.invoke({ headers: { "Lambda-Runtime-Invocation-Id": "attempt-7" } });
    expect(headers["lambda-runtime-invocation-id"]).toBe("attempt-7");
  });

  test("reports an event that is not JSON as the invocation's error", async () => {
    const { api } = await start("exports.handler = async () => 1");
    const { path, body } = await api.invoke({ eventText: "{" });
    expect([path.split("/").at(-1), JSON.parse(body)]).toMatchObject(["error", { errorType: "SyntaxError" }]);
  });

  test("asks for restore/next before the first invocation in a snap-start environment (RT-84)", async () => {
    const { api } = await start("exports.handler = async () => 1", {
      env: () => ({ AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start" }),
    });
    await api.invoke();
    expect(api.calls.slice(0, 2)).toEqual(["GET /restore/next", "GET /invocation/next"]);
  });
});

describe("layers", () => {
  const layer = {
    "nodejs/node_modules/common/package.json": '{"name":"common","type":"module","exports":"./main.js"}',
    "nodejs/node_modules/common/main.js": "export default 'of the layer'",
    "nodejs/node_modules/both/package.json": '{"name":"both","main":"main.js"}',
    "nodejs/node_modules/both/main.js": "module.exports = 'of the layer'",
    "nodejs/node22/node_modules/versioned/index.js": "module.exports = 'of node22'",
  };
  const env = ({ opt, task }: { opt: string; task: string }) => ({
    NODE_PATH: `${opt}/nodejs/node22/node_modules:${opt}/nodejs/node_modules:/var/runtime:${task}`,
  });

  test("[ENV-21] [ENV-49] CommonJS finds packages of layers by NODE_PATH, [ENV-23] but the function's own first", async () => {
    const files = {
      "index.js":
        "exports.handler = async () => [require('versioned'), require('both'), (await import('common')).default]",
      "node_modules/both/index.js": "module.exports = 'of the function'",
    };
    expect(await answerOf(files, { layer, env })).toEqual(response(["of node22", "of the function", "of the layer"]));
  });

  test("[ENV-21] [ENV-49] ES modules find packages of layers too, [ENV-23] but the function's own first", async () => {
    const files = {
      "index.mjs":
        "import common from 'common'; import both from 'both'; import v from 'versioned'; export const handler = async () => [v, both, common]",
      "node_modules/both/index.js": "module.exports = 'of the function'",
    };
    expect(await answerOf(files, { layer, env })).toEqual(response(["of node22", "of the function", "of the layer"]));
  });

  test("a package that is nowhere is reported by the name it was asked for", async () => {
    const error = await initErrorOf({ "index.mjs": "import 'nowhere'; export const handler = 1" }, { layer, env });
    expect(error.errorMessage).toMatch(/Cannot find package 'nowhere'/);
  });
});

describe("streaming", () => {
  const streaming = (body: string) =>
    `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {${body}})`;

  test("[ENV-122] [ENV-123] sends what is written while the handler runs, and ends with the stream", async () => {
    const code = streaming(`
      stream.write('first');
      await new Promise((resume) => process.once('SIGUSR2', resume));
      stream.write(JSON.stringify([event.n, context.functionName]));
      stream.end();
      return 'ignored';`);
    const { api, pid } = await start(code);
    api.onPiece = () => process.kill(pid, "SIGUSR2");
    const answered = await api.invoke({ event: { n: 5 } });
    expect(answered.body).toBe('first[5,"tested"]');
    expect(answered.pieces[0]).toBe("first");
    expect(answered.headers["lambda-runtime-function-response-mode"]).toBe("streaming");
    expect(answered.headers["transfer-encoding"]).toBe("chunked");
  });

  test("[ENV-122] goes on to the next invocation over the same connection", async () => {
    const { api } = await start(streaming("stream.end(String(event.n))"));
    const answers = [await api.invoke({ event: { n: 1 } }), await api.invoke({ event: { n: 2 } })];
    expect(answers.map(({ body, connection }) => [body, connection])).toEqual([
      ["1", 1],
      ["2", 1],
    ]);
  });

  test("[ENV-124] has a default content type that can be changed before the first write", async () => {
    const { api } = await start(
      streaming(
        "if (event.type) stream.setContentType(event.type); stream.write('x'); try { stream.setContentType('late') } catch (e) { stream.write(e.name) } stream.end()",
      ),
    );
    const plain = await api.invoke();
    const html = await api.invoke({ event: { type: "text/html" } });
    expect(plain.headers["content-type"]).toBe("application/octet-stream");
    expect(html.headers["content-type"]).toBe("text/html");
    expect(html.body).toBe("xRuntime.InvalidStreamingOperation");
  });

  test("[ENV-125] puts the HTTP metadata and eight NUL bytes before the first body byte", async () => {
    const code = streaming(
      "stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 }); stream.write('body'); stream.end()",
    );
    const { api } = await start(code);
    const { headers, body } = await api.invoke();
    expect(headers["content-type"]).toBe("application/vnd.awslambda.http-integration-response");
    expect(body).toBe('{"statusCode":201}\0\0\0\0\0\0\0\0body');
  });

  test("can be the end of a pipeline", async () => {
    const code = streaming(
      "await require('node:stream/promises').pipeline(require('node:stream').Readable.from(['a', 'b', 'c']), stream)",
    );
    const { api } = await start(code);
    expect((await api.invoke()).body).toBe("abc");
  });

  test("hides the rest of the request, which AWS's stream does not have either", async () => {
    const { api } = await start(
      streaming("stream.end(JSON.stringify([typeof stream.setHeader, typeof stream.socket]))"),
    );
    expect(JSON.parse((await api.invoke()).body)).toEqual(["undefined", "undefined"]);
  });

  test.each([
    ["after bytes were written", "stream.write('part'); throw new TypeError('broke')", "part"],
    ["before any byte was written", "throw new TypeError('broke')", ""],
  ])("[ENV-126] sends an exception %s in trailers", async (_case, code, body) => {
    const { api } = await start(streaming(code));
    const answered = await api.invoke();
    expect(answered.path).toMatch(/\/response$/);
    expect(answered.body).toBe(body);
    expect(answered.headers["trailer"]).toContain("Lambda-Runtime-Function-Error-Type");
    expect(answered.trailers["lambda-runtime-function-error-type"]).toBe("TypeError");
    const report = Buffer.from(String(answered.trailers["lambda-runtime-function-error-body"]), "base64").toString();
    expect(JSON.parse(report)).toMatchObject({ errorType: "TypeError", errorMessage: "broke" });
    expect((await api.invoke()).path).toMatch(/\/response$/);
  });

  test("[ENV-126] reports what fails before the stream was opened through /error", async () => {
    const { api } = await start(streaming("stream.end()"));
    expect((await api.invoke({ eventText: "{" })).path).toMatch(/\/error$/);
  });

  test("refuses a streaming handler that is not async", async () => {
    const { api } = await start(
      "exports.handler = awslambda.streamifyResponse((event, stream) => { stream.write('x') })",
    );
    expect((await api.invoke()).trailers["lambda-runtime-function-error-type"]).toBe("string");
  });

  test("[ENV-117] an uncaught exception while a stream is open still ends the process with status 129", async () => {
    const { api, exited } = await start(
      streaming(
        "stream.write('x'); setTimeout(() => { throw new Error('astray') }); await new Promise((r) => setTimeout(r, 6e4))",
      ),
    );
    const answered = await api.invoke();
    expect([answered.path.split("/").at(-1), (await exited).code]).toEqual(["error", 129]);
  });

  test("[ENV-127] leaves the global undefined when told so", async () => {
    const env = () => ({ AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: "1" });
    expect(await answerOf("exports.handler = async () => typeof awslambda", { env })).toEqual(response("undefined"));
    expect(await answerOf("exports.handler = async () => typeof awslambda")).toEqual(response("object"));
  });
});

describe("logging", () => {
  const requestId = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
  const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

  async function logged(code: string, setup: Setup = {}, headers: Record<string, string> = {}) {
    const runtime = await start(code, setup);
    await runtime.api.invoke({ requestId, headers });
    await runtime.end();
    return runtime;
  }

  const everyLevel = `exports.handler = async () => {
    console.trace('t'); console.debug('d'); console.log('l'); console.info('i'); console.warn('w'); console.error('e'); console.fatal('f');
  }`;

  test("[ENV-128] [CAP-64] writes text lines with time, request id and level", async () => {
    const { frames } = await logged(everyLevel);
    const fields = frames().map(({ text }) => text.split("\t"));
    expect(fields.map(([, id, level, message]) => [id, level, message])).toEqual(
      ["TRACE t", "DEBUG d", "INFO l", "INFO i", "WARN w", "ERROR e", "FATAL f"].map((line) => {
        const [level, message] = line.split(" ");
        return [requestId, level, `${message}\n`];
      }),
    );
    expect(fields[0]?.[0]).toMatch(isoTime);
  });

  test("[ENV-128] [CAP-64] writes undefined as the request id during Init", async () => {
    const { frames } = await logged("console.log('init %s', 1); exports.handler = async () => {}");
    expect(frames()[0]?.text.split("\t").slice(1)).toEqual(["undefined", "INFO", "init 1\n"]);
  });

  test("frames carry format, level and time (CAP-24, CAP-25)", async () => {
    const text = await logged(everyLevel);
    const json = await logged(everyLevel, { env: () => ({ AWS_LAMBDA_LOG_FORMAT: "JSON" }) });
    expect(text.frames().map(({ type }) => type - 0xa55a0000)).toEqual([0x07, 0x0b, 0x0f, 0x0f, 0x13, 0x17, 0x1b]);
    expect(json.frames().map(({ type }) => type - 0xa55a0000)).toEqual([0x06, 0x0a, 0x0e, 0x0e, 0x12, 0x16, 0x1a]);
    const [frame] = text.frames();
    expect(new Date(frame!.timeMs).toISOString()).toBe(frame!.text.split("\t")[0]);
  });

  test("[ENV-129] [CAP-67] writes objects in JSON format", async () => {
    const code =
      "exports.handler = async () => { console.warn('a %d', 1); console.log({ k: [1] }); console.error('oh', new RangeError('far')); console.error(new RangeError('alone')) }";
    const env = () => ({ AWS_LAMBDA_LOG_FORMAT: "JSON" });
    const { frames } = await logged(code, { env }, { "Lambda-Runtime-Aws-Tenant-Id": "blue" });
    const records = frames().map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    expect(records).toEqual([
      { timestamp: expect.stringMatching(isoTime), level: "WARN", requestId, tenantId: "blue", message: "a 1" },
      { timestamp: expect.stringMatching(isoTime), level: "INFO", requestId, tenantId: "blue", message: { k: [1] } },
      expect.objectContaining({
        level: "ERROR",
        errorType: "RangeError",
        errorMessage: "far",
        stackTrace: expect.arrayContaining(["RangeError: far"]),
      }),
      expect.objectContaining({
        message: expect.objectContaining({
          errorType: "RangeError",
          errorMessage: "alone",
          stackTrace: expect.arrayContaining(["RangeError: alone"]),
        }),
      }),
    ]);
    expect(Object.keys(records[2]!)).toEqual([
      "timestamp",
      "level",
      "requestId",
      "tenantId",
      "message",
      "errorType",
      "errorMessage",
      "stackTrace",
    ]);
  });

  test("[ENV-130] [CAP-63] does not write levels below the configured one", async () => {
    const env = () => ({ AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "WARN" });
    const { frames } = await logged(everyLevel, { env });
    expect(frames().map(({ text }) => (JSON.parse(text) as { level: string }).level)).toEqual([
      "WARN",
      "ERROR",
      "FATAL",
    ]);
  });

  test("[ENV-131] passes process.stdout.write untouched", async () => {
    const { stdout, frames } = await logged("exports.handler = async () => { process.stdout.write('a\\nb') }");
    expect([stdout(), frames()]).toEqual(["a\nb", []]);
  });

  test("[ENV-132] keeps a message with newlines one record, on standard output too", async () => {
    const code = "exports.handler = async () => { console.log('a\\nb') }";
    const framed = await logged(code);
    expect(framed.frames().map(({ text }) => text.split("\t")[3])).toEqual(["a\nb\n"]);
    const plain = await logged(code, { logDescriptor: false });
    expect(plain.stdout().split("\t")[3]).toBe("a\rb\n");
  });

  test("[ENV-48] takes the log descriptor away before customer code runs", async () => {
    const code = "const atInit = process.env._LAMBDA_TELEMETRY_LOG_FD; exports.handler = async () => typeof atInit";
    expect(await answerOf(code)).toEqual(response("undefined"));
  });

  test("logs the error of an invocation with its own members", async () => {
    const { frames } = await logged(
      "exports.handler = async () => { throw Object.assign(new Error('bad'), { code: 'E1', extra: 2 }) }",
    );
    const [, , level, title, json] = frames()[0]!.text.split("\t");
    expect([level, title]).toEqual(["ERROR", "Invoke Error "]);
    expect(JSON.parse(json!)).toMatchObject({
      errorType: "Error",
      errorMessage: "bad",
      code: "E1",
      extra: 2,
      stack: expect.any(Array),
    });
  });
});
