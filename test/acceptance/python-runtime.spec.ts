/** The Python runtime program as a real process against a scripted Runtime API. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { answerFrom, initErrorFrom, response } from "../fixtures/runtime-answers.ts";
import { startRuntime, type RuntimeProcess, type RuntimeSetup } from "../fixtures/runtime-process.ts";

const program = fileURLToPath(new URL("../../dist/runtimes/python/bootstrap.py", import.meta.url));

/** The interpreter itself: what a version manager puts in its place on PATH may take seconds to start. */
const { python, version } = findPython(process.env["LAMBDARIUM_TEST_PYTHON"] ?? "python3");
const reason = python === "" ? "skipped: there is no python3 on this machine" : `with Python ${version}`;

if (python === "") console.warn(`Python runtime tests ${reason}`);

function findPython(name: string): { python: string; version: string } {
  const script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
  const [python = "", version = ""] = (spawnSync(name, ["-c", script], { encoding: "utf8" }).stdout ?? "").split("\n");
  return { python, version };
}

const running: RuntimeProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((runtime) => runtime.end()));
});

type Setup = Partial<RuntimeSetup>;
const code = (...lines: readonly string[]) => lines.join("\n");

async function start(files: RuntimeSetup["files"] | string, setup: Setup = {}): Promise<RuntimeProcess> {
  const started = await startRuntime({
    command: ({ opt }) => [python, "-B", "-s", "-X", `lambdarium_layers=${opt}`, program],
    files: typeof files === "string" ? { "app.py": files } : files,
    handler: "app.handler",
    ...setup,
  });
  running.push(started);
  return started;
}

const answerOf = async (files: RuntimeSetup["files"] | string, setup: Setup = {}, event: unknown = {}) =>
  answerFrom(await start(files, setup), event);

const initErrorOf = async (files: RuntimeSetup["files"] | string, setup: Setup = {}) =>
  initErrorFrom<{ stackTrace: string[] }>(await start(files, setup));

describe.skipIf(python === "")(`Python runtime, ${reason}`, () => {
  describe("finding the handler", () => {
    test.each([
      ["app.handler", "app.py"],
      ["some.package.app.handler", "some/package/app.py"],
      ["some/package/app.handler", "some/package/app.py"],
    ])("[ENV-133] finds %s in %s", async (handler, file) => {
      expect(await answerOf({ [file]: "def handler(e, c): return __file__[-6:]" }, { handler })).toEqual(
        response("app.py"),
      );
    });

    test("[ENV-134] refuses a handler without a dot", async () => {
      const error = await initErrorOf("", { handler: "app" });
      expect(error).toMatchObject({
        errorType: "Runtime.MalformedHandlerName",
        header: "Runtime.MalformedHandlerName",
      });
      expect(error.errorMessage).toMatch(/^Bad handler 'app'/);
    });

    test.each([
      [
        "module missing",
        { "x.py": "" },
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'app'",
      ],
      [
        "import fails",
        { "app.py": "import nowhere" },
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'nowhere'",
      ],
      ["no such function", { "app.py": "" }, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"],
    ])("[ENV-135] names what is wrong: %s", async (_case, files, errorType, errorMessage) => {
      expect(await initErrorOf(files)).toMatchObject({ errorType, errorMessage, header: errorType });
    });

    test("[ENV-135] names a syntax error and where it is", async () => {
      const error = await initErrorOf("def handler(:\n  pass");
      expect(error.errorType).toBe("Runtime.UserCodeSyntaxError");
      expect(error.errorMessage).toMatch(/^Syntax error in module 'app': /);
      expect(error.stackTrace[0]).toMatch(/app\.py" Line 1/);
    });

    test("[ENV-136] refuses a module named like a built-in one", async () => {
      const error = await initErrorOf({ "time.py": "def handler(e, c): pass" }, { handler: "time.handler" });
      expect(error.errorType).toBe("Runtime.BuiltInModuleConflict");
    });

    test("[ENV-137] posts an exception of module code with an empty requestId and exits with status 1", async () => {
      const { api, exited } = await start("raise LookupError('no luck')");
      const posted = await api.initError;
      const report = JSON.parse(posted.body) as { stackTrace: string[] };
      expect(report).toMatchObject({ errorMessage: "no luck", errorType: "LookupError", requestId: "" });
      expect(report.stackTrace.at(-1)).toMatch(/app\.py", line 1, in <module>/);
      expect((await exited).code).toBe(1);
      expect(api.calls).toEqual(["POST /init/error"]);
    });
  });

  describe("calling it", () => {
    test("[ENV-138] parses the event and serializes the result", async () => {
      const { api } = await start("def handler(event, context): return {'got': event, 'ok': True}");
      const { body, headers } = await api.invoke({ event: { a: [1, "ü"] } });
      expect(JSON.parse(body)).toEqual({ got: { a: [1, "ü"] }, ok: true });
      expect(body).toMatch(/^\{"got": \{"a": \[1, /);
      expect(headers["content-type"]).toBe("application/json");
    });

    test("[ENV-138] answers null for a handler that returns nothing", async () => {
      expect(await answerOf("def handler(event, context): pass")).toEqual(response(null));
    });

    test("writes Decimal as the number it is, and bytes as they are", async () => {
      const { api } = await start(
        "from decimal import Decimal\ndef handler(e, c): return {'n': Decimal('1.10'), 's': '1.10'} if e else b'raw'",
      );
      expect((await api.invoke({ event: 1 })).body).toBe('{"n": 1.10, "s": "1.10"}');
      expect((await api.invoke({ event: 0 })).body).toBe("raw");
    });

    test.each([
      ["python3.11", '"\\u00fc"'],
      ["python3.12", '"ü"'],
    ])("writes characters outside ASCII as %s does", async (runtime, expected) => {
      const env = () => ({ AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}` });
      const { api } = await start("def handler(e, c): return 'ü'", { env });
      expect((await api.invoke()).body).toBe(expected);
    });

    test("[ENV-139] reports a result that cannot be serialized, and an event that is not JSON", async () => {
      const { api } = await start("def handler(e, c): return {1, 2}");
      const unsaid = await api.invoke();
      const unread = await api.invoke({ eventText: "{" });
      expect(JSON.parse(unsaid.body)).toMatchObject({
        errorType: "Runtime.MarshalError",
        errorMessage: expect.stringMatching(/^Unable to marshal response: .*set is not JSON serializable$/),
      });
      expect(JSON.parse(unread.body)).toMatchObject({
        errorType: "Runtime.UnmarshalError",
        errorMessage: expect.stringMatching(/^Unable to unmarshal input: /),
      });
    });

    test("[ENV-140] reports an exception with its stack, which begins in the function's code", async () => {
      const { api } = await start(
        code("class Broken(Exception): pass", "def inner(): raise Broken('why')", "def handler(e, c): inner()"),
      );
      const { path, body, headers } = await api.invoke({ requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd" });
      const report = JSON.parse(body) as { stackTrace: string[] };
      expect(path).toMatch(/\/error$/);
      expect(Object.keys(report)).toEqual(["errorMessage", "errorType", "requestId", "stackTrace"]);
      expect(report).toMatchObject({
        errorMessage: "why",
        errorType: "Broken",
        requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      });
      expect(report.stackTrace.map((entry) => /app\.py", line (\d), in (\w+)/.exec(entry)?.slice(1))).toEqual([
        ["3", "handler"],
        ["2", "inner"],
      ]);
      expect(JSON.parse(String(headers["lambda-runtime-function-xray-error-cause"]))).toMatchObject({
        exceptions: [{ type: "Broken" }],
      });
    });

    test("serves many invocations in one process, over one connection, after errors and refused responses too", async () => {
      const { api } = await start(
        code("n = 0", "def handler(e, c):", "  global n", "  n += 1", "  return 1 / 0 if e else n"),
      );
      const answers = [
        await api.invoke({ event: 0, answerStatus: 413 }),
        await api.invoke({ event: 1 }),
        await api.invoke({ event: 0 }),
      ];
      expect(
        answers.map(({ path, body, connection }) => [path.split("/").at(-1), body.slice(0, 32), connection]),
      ).toEqual([
        ["response", "1", 1],
        ["error", '{"errorMessage": "division by ze', 1],
        ["response", "3", 1],
      ]);
    });

    test.each([
      ["sys.exit(0)", 0],
      ["sys.exit(7)", 7],
    ])("[ENV-141] %s in a handler ends the process without an answer", async (statement, status) => {
      const { api, exited } = await start(`import sys\ndef handler(e, c): ${statement}`);
      void api.invoke();
      expect((await exited).code).toBe(status);
      expect(api.calls).toEqual(["GET /invocation/next"]);
    });

    const contextCode = code(
      "def handler(e, c):",
      "  return {'name': c.function_name, 'version': c.function_version, 'arn': c.invoked_function_arn,",
      "    'memory': c.memory_limit_in_mb, 'id': c.aws_request_id, 'group': c.log_group_name, 'stream': c.log_stream_name,",
      "    'identity': [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id],",
      "    'tenant': c.tenant_id, 'client': c.client_context and [c.client_context.custom, c.client_context.env,",
      "      c.client_context.client and c.client_context.client.app_title]}",
    );
    const always = {
      name: "tested",
      version: "$LATEST",
      arn: "arn:aws:lambda:eu-west-1:123456789012:function:tested",
      memory: "128",
      id: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      group: "/aws/lambda/tested",
      stream: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    };

    test("[ENV-142] gives the context its members, None for what was not sent", async () => {
      const { api } = await start(contextCode);
      const { body } = await api.invoke({ requestId: always.id });
      expect(JSON.parse(body)).toEqual({ ...always, identity: [null, null], tenant: null, client: null });
    });

    test("[ENV-142] [ENV-143] gives identity, tenant and the parts of the client context", async () => {
      const { api } = await start(contextCode);
      const { body } = await api.invoke({
        requestId: always.id,
        headers: {
          "Lambda-Runtime-Client-Context": '{"custom":{"k":"v"},"env":{"e":1},"client":{"app_title":"t"}}',
          "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
          "Lambda-Runtime-Aws-Tenant-Id": "blue",
        },
      });
      expect(JSON.parse(body)).toEqual({
        ...always,
        identity: ["i", "p"],
        tenant: "blue",
        client: [{ k: "v" }, { e: 1 }, "t"],
      });
    });

    test("[ENV-142] counts the remaining time down to the deadline, and never below zero", async () => {
      const { api } = await start(
        "import time\ndef handler(e, c): return [c.get_remaining_time_in_millis(), int(time.time() * 1000)]",
      );
      const deadline = Date.now() + 60_000;
      const ahead = await api.invoke({ headers: { "Lambda-Runtime-Deadline-Ms": String(deadline) } });
      const [remaining, now] = JSON.parse(ahead.body) as [number, number];
      expect(Math.abs(remaining + now - deadline)).toBeLessThanOrEqual(2);
      const past = await api.invoke({ headers: { "Lambda-Runtime-Deadline-Ms": "1" } });
      expect(JSON.parse(past.body)).toMatchObject([0, expect.any(Number)]);
    });

    test("publishes the trace header of each invocation", async () => {
      const { api } = await start(
        "import os\nseen = '_X_AMZN_TRACE_ID' in os.environ\ndef handler(e, c): return [seen, os.environ['_X_AMZN_TRACE_ID']]",
      );
      const { body } = await api.invoke({ headers: { "Lambda-Runtime-Trace-Id": "Root=1-a;Sampled=0" } });
      expect(JSON.parse(body)).toEqual([false, "Root=1-a;Sampled=0"]);
    });
  });

  describe("layers", () => {
    const layer = {
      "python/common.py": "where = 'layer'",
      [`python/lib/python${version}/site-packages/packaged.py`]: "where = 'site-packages of the layer'",
      "python/both.py": "where = 'layer'",
      "python/snapshot_restore_py.py": "where = 'layer'",
    };

    test("[ENV-22] [ENV-23] finds modules in layers, the function's own first and the runtime's last", async () => {
      const files = {
        "app.py":
          "import common, packaged, both, snapshot_restore_py as s\ndef handler(e, c): return [m.where for m in (common, packaged, both, s)]",
        "both.py": "where = 'function'",
      };
      expect(await answerOf(files, { layer })).toEqual(
        response(["layer", "site-packages of the layer", "function", "layer"]),
      );
    });

    test("a function's module may have the name of one of the runtime's own", async () => {
      const files = {
        "app.py": "import runtime_api\ndef handler(e, c): return runtime_api.where",
        "runtime_api.py": "where = 'mine'",
      };
      expect(await answerOf(files)).toEqual(response("mine"));
    });
  });

  describe("logging", () => {
    const requestId = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    const asJson = () => ({ AWS_LAMBDA_LOG_FORMAT: "JSON" });

    async function logged(source: string, setup: Setup = {}) {
      const runtime = await start(source, setup);
      await runtime.api.invoke({ requestId });
      await runtime.end();
      return runtime;
    }

    const everyLevel = code(
      "import logging",
      "def handler(e, c):",
      "  for level in ('debug', 'info', 'warning', 'error', 'critical'): getattr(logging.getLogger('mine'), level)('at %s', level)",
    );

    test("[ENV-144] [CAP-65] writes text lines from WARNING on", async () => {
      const { frames } = await logged(everyLevel);
      const fields = frames().map(({ text }) => text.split("\t"));
      expect(fields.map(([level, , id, message]) => [level, id, message])).toEqual([
        ["[WARNING]", requestId, "at warning\n"],
        ["[ERROR]", requestId, "at error\n"],
        ["[CRITICAL]", requestId, "at critical\n"],
      ]);
      expect(fields[0]?.[1]).toMatch(isoTime);
    });

    test("[ENV-144] [CAP-65] leaves print untouched", async () => {
      const { stdout, frames } = await logged("def handler(e, c): print('a\\nb', end='')");
      expect([stdout(), frames()]).toEqual(["a\nb", []]);
    });

    test("[ENV-145] [CAP-68] writes objects in JSON format, of exceptions too", async () => {
      const source = code(
        "import logging",
        "log = logging.getLogger('mine')",
        "def handler(e, c):",
        "  log.warning('plain %d', 1, extra={'order': 7})",
        "  try: 1 / 0",
        "  except Exception: log.exception('caught')",
      );
      const { frames } = await logged(source, { env: asJson });
      const [plain, caught] = frames().map(({ text }) => JSON.parse(text) as Record<string, unknown>);
      const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(plain).toEqual({ timestamp, level: "WARNING", message: "plain 1", logger: "mine", requestId, order: 7 });
      expect(caught).toMatchObject({ level: "ERROR", message: "caught", logger: "mine", requestId });
      expect(caught).toMatchObject({
        stackTrace: [expect.stringContaining("app.py")],
        errorType: "ZeroDivisionError",
        errorMessage: "division by zero",
        location: expect.stringMatching(/app\.py:handler:6$/),
      });
      expect(Object.keys(caught!).slice(0, 4)).toEqual(["timestamp", "level", "message", "logger"]);
    });

    test("[CAP-63] does not write levels below the configured one", async () => {
      const env = () => ({ ...asJson(), AWS_LAMBDA_LOG_LEVEL: "ERROR" });
      const { frames } = await logged(everyLevel, { env });
      expect(frames().map(({ text }) => (JSON.parse(text) as { level: string }).level)).toEqual(["ERROR", "CRITICAL"]);
    });

    test("frames carry format, level and time (CAP-24, CAP-25)", async () => {
      const env = () => ({ ...asJson(), AWS_LAMBDA_LOG_LEVEL: "DEBUG" });
      const before = Date.now();
      const { frames } = await logged(everyLevel, { env });
      expect(frames().map(({ type }) => type - 0xa55a0000)).toEqual([0x0a, 0x0e, 0x12, 0x16, 0x1a]);
      expect(frames()[0]?.timeMs).toBeGreaterThanOrEqual(before);
      const text = await logged(everyLevel);
      expect(text.frames()[0]?.type).toBe(0xa55a0003);
    });

    const failing = code("def handler(e, c):", "    raise ValueError(str('bad'))");

    test("[ENV-146] [CAP-66] writes an unhandled error as one text record with unbreakable indents", async () => {
      const { frames } = await logged(failing);
      const [frame, ...others] = frames();
      expect(others).toEqual([]);
      expect(frame?.type).toBe(0xa55a0017);
      expect(frame?.text.split("\n").map((line) => line.replace(/"[^"]*app/, '"app'))).toEqual([
        "[ERROR] ValueError: bad",
        "Traceback (most recent call last):",
        '\u00a0\u00a0File "app.py", line 2, in handler',
        "\u00a0\u00a0\u00a0\u00a0raise ValueError(str('bad'))",
      ]);
    });

    test("[ENV-146] writes an unhandled error as an object with log_level in JSON format", async () => {
      const { frames } = await logged(failing, { env: asJson });
      const [frame] = frames();
      expect(frame?.type).toBe(0xa55a0016);
      expect(JSON.parse(frame!.text)).toMatchObject({
        log_level: "ERROR",
        errorType: "ValueError",
        errorMessage: "bad",
        requestId,
      });
    });

    test("[ENV-146] keeps the error one line on standard output, where there is no log descriptor", async () => {
      const { stdout } = await logged(failing, { logDescriptor: false });
      expect(stdout()).toMatch(/^\[ERROR\] ValueError: bad\rTraceback[^\n]*\n$/);
    });

    test("[ENV-147] loses no print before a hard exit", async () => {
      const { api, exited, stdout, stderr } = await start(
        code(
          "import os, sys",
          "def handler(e, c):",
          "  print('out')",
          "  print('err', file=sys.stderr, end='')",
          "  os._exit(3)",
        ),
      );
      void api.invoke();
      expect((await exited).code).toBe(3);
      expect([stdout(), stderr()]).toEqual(["out\n", "err"]);
    });

    test("[ENV-48] takes the log descriptor away before customer code runs", async () => {
      const source = "import os\nseen = '_LAMBDA_TELEMETRY_LOG_FD' in os.environ\ndef handler(e, c): return seen";
      expect(await answerOf(source)).toEqual(response(false));
    });
  });

  describe("snapshot", () => {
    const env = () => ({ AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start" });

    test("[ENV-148] runs hooks before restore/next in reverse order, and after it in order", async () => {
      const source = code(
        "import socket, os",
        "from snapshot_restore_py import register_before_snapshot, register_after_restore",
        "done = []",
        "def call(word):",
        "  host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')",
        "  with socket.create_connection((host, int(port))) as s:",
        "    s.sendall(f'POST /2018-06-01/runtime/{word} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n'.encode()); s.recv(4096)",
        "register_before_snapshot(call, 'before-1')",
        "@register_before_snapshot",
        "def second(): call('before-2')",
        "register_after_restore(call, 'after-1')",
        "register_after_restore(call, word='after-2')",
        "def handler(e, c): pass",
      );
      const { api } = await start(source, { env });
      await api.invoke();
      expect(api.calls.slice(0, 6)).toEqual([
        "POST /before-2",
        "POST /before-1",
        "GET /restore/next",
        "POST /after-1",
        "POST /after-2",
        "GET /invocation/next",
      ]);
    });

    test.each([
      ["before_snapshot", "initError", "Runtime.BeforeSnapshotError", 64],
      ["after_restore", "restoreError", "Runtime.AfterRestoreError", 65],
    ] as const)(
      "[ENV-148] a failing %s hook is posted and ends the process",
      async (hook, route, errorType, status) => {
        const source = code(
          "import snapshot_restore_py as s",
          "def fail(): raise OSError('cold')",
          `s.register_${hook}(fail)`,
          "def handler(e, c): pass",
        );
        const { api, exited } = await start(source, { env });
        const posted = await api[route];
        expect(posted.headers["lambda-runtime-function-error-type"]).toBe(errorType);
        expect(JSON.parse(posted.body)).toMatchObject({ errorType: "OSError", errorMessage: "cold" });
        expect((await exited).code).toBe(status);
      },
    );
  });
});
