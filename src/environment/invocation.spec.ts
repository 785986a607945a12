import { describe, expect, test } from "vitest";
import type { Upload } from "./calls.ts";
import {
  answering,
  ask,
  byGeneration,
  complete,
  errorBegins,
  errorEnds,
  exit,
  exitStatus,
  extension,
  failing,
  type Handler,
  identifierOf,
  inTurn,
  moves,
  responseBegins,
  responseEnds,
  runtime,
  silent,
  wait,
} from "./scripted-processes.spec-support.ts";
import { step } from "./step.ts";
import { startOfTime } from "./simulated-clock.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import {
  answersOf,
  effectsOf,
  orderOfEmission,
  payload,
  recordsOf,
  recordTimesOf,
  reportsOf,
  timesOf,
} from "./told-history.spec-support.ts";

/** Initialized, and frozen since. */
function warm(simulated: SimulatedFunction): SimulatedEnvironment {
  const environment = new SimulatedEnvironment(simulated);
  environment.happens({ event: "init requested" });
  environment.run();
  return environment;
}

function invoked(simulated: SimulatedFunction, streaming = false): SimulatedEnvironment {
  const environment = warm(simulated);
  environment.invoke({ streaming });
  return environment.run();
}

const handled = (handler: Handler, streaming = false) => invoked({ runtime: runtime({ handler }) }, streaming);
const timedOut = payload("Sandbox.Timedout", "Task timed out after 3.00 seconds");
const tooLarge =
  '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}';

const responding = (upload: Upload, bytes = 2, mode?: string): Handler =>
  function* respond({ requestId }) {
    yield* ask(responseBegins(requestId, mode));
    yield* ask(responseEnds(requestId, upload, bytes));
  };

describe("the release", () => {
  test("[RT-13, RT-18, LIFE-35, LIFE-100, EXT-54, EXT-68] follows the thaw, and gives runtime and extensions the same id and deadline", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime(), thawMs: 7 });
    environment.advance(60_000);
    const requestId = environment.invoke();
    environment.run();
    const [thaw = 0] = timesOf(environment, "thaw");
    const released = thaw + 7;
    const deadlineMs = startOfTime + released + 3000;
    expect(environment.made("runtime next")).toMatchObject({
      answeredAt: released,
      outcome: { kind: "invocation", event: { requestId, deadlineMs } },
    });
    expect(environment.made("event next")).toMatchObject({
      answeredAt: released,
      outcome: { kind: "invoke event", requestId, deadlineMs },
    });
    expect(recordsOf(environment, "platform.start")[0]?.requestId).toBe(requestId);
  });

  test("[RT-18, RT-19] counts the deadline of a cold start without its Init", () => {
    const environment = new SimulatedEnvironment({ runtime: runtime({ initMs: 2000 }) });
    environment.invoke();
    environment.run();
    const { answeredAt, outcome } = environment.made("runtime next");
    expect(answeredAt).toBeGreaterThan(2000);
    expect(outcome).toMatchObject({ event: { deadlineMs: startOfTime + Number(answeredAt) + 3000 } });
  });

  test("[EVT-45] hands on what the invocation carries, unchanged", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    const carried = {
      requestId: "7c1d",
      invocationId: "attempt",
      invokedFunctionArn: "arn:of:alias",
      clientContext: '{"custom":1}',
      cognitoIdentity: { identityId: "i", identityPoolId: "p" },
      tenantId: "tenant",
      contentType: "application/json",
      payload: new Uint8Array([0, 255, 1]),
    };
    const tracing = { spanId: "5a4b3c2d1e0f9a8b", value: "Root=1-a;Parent=s;Sampled=1" };
    environment.invoke({ ...carried, tracing, runtimeTraceHeader: "to-runtime", extensionTraceHeader: "to-extension" });
    environment.run();
    expect(environment.made("runtime next").outcome).toMatchObject({
      event: { ...carried, traceHeader: "to-runtime" },
    });
    expect(environment.made("event next").outcome).toMatchObject({
      invokedFunctionArn: "arn:of:alias",
      traceHeader: "to-extension",
    });
    const correlation = { requestId: "7c1d", tracing, tenantId: "tenant" };
    expect(recordsOf(environment, "platform.start")).toEqual([
      { type: "platform.start", functionArn: "arn:of:alias", version: "3", ...correlation },
    ]);
    expect(recordsOf(environment, "platform.runtimeDone")).toMatchObject([correlation]);
    expect(reportsOf(environment)).toMatchObject([correlation]);
  });
});

describe("a response", () => {
  test("[RT-33, LIFE-38, RT-109] reaches the caller when it is complete, whatever is still to be done", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { workMs: 1000 }) },
      runtime: runtime({ handler: answering({ workMs: 100, uploadMs: 50, afterMs: 500 }) }),
    });
    const ended = environment.made("response ends");
    expect(ended.outcome).toEqual({ kind: "accepted" });
    expect(environment.answers[0]).toMatchObject({ at: ended.madeAt });
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(timesOf(environment, "conclude invocation")[0]).toBeGreaterThan(ended.madeAt + 500);
  });

  test("[RT-35] may be empty", () => {
    expect(answersOf(handled(responding(complete(""), 0)))).toEqual(["response: "]);
  });

  test("[RT-42] may be read up to 6,291,556 bytes when it is buffered", () => {
    const environment = handled(responding(complete("ok")));
    expect(environment.made("response begins").outcome).toEqual({
      kind: "read body",
      stream: false,
      maxBytes: 6_291_556,
    });
  });

  test("[RT-43, RT-44, RT-111, EVT-80] that is too large is refused, the caller told, and the environment kept", () => {
    const environment = handled(
      inTurn(function* large({ requestId }) {
        yield* ask(responseBegins(requestId));
        yield* ask(responseEnds(requestId, { kind: "too large" }, 7_000_000));
        yield* ask(errorBegins(requestId));
      }, answering()),
    );
    environment.invoke();
    environment.run();
    expect(environment.made("response ends").outcome).toEqual({
      kind: "refused",
      refusal: {
        status: 413,
        errorType: "RequestEntityTooLarge",
        errorMessage: "Exceeded maximum allowed payload size (6291556 bytes).",
      },
    });
    expect(environment.made("error begins").outcome).toMatchObject({ kind: "refused", refusal: { status: 403 } });
    expect(answersOf(environment)).toEqual([tooLarge, "response: ok"]);
    expect(reportsOf(environment)).toMatchObject([{ status: "success" }, { status: "success" }]);
    expect(timesOf(environment, "launch runtime")).toHaveLength(1);
  });

  test("[RT-46, RT-47, RT-48, RT-107] with an unknown mode is refused, and the invocation fails at once and ends with the timeout", () => {
    const environment = handled(function* respond({ requestId }) {
      yield* ask(responseBegins(requestId, "buffered"));
    });
    const begins = environment.made("response begins");
    expect(begins.outcome).toEqual({
      kind: "refused",
      refusal: {
        status: 400,
        errorType: "InvalidFunctionResponseMode",
        errorMessage: "Invalid function response mode",
      },
    });
    const type = "Runtime.InvalidResponseModeHeader";
    expect(answersOf(environment)).toEqual([payload(type, type)]);
    expect(environment.answers[0]?.at).toBe(begins.madeAt);
    expect(environment.made("runtime next", 1).outcome?.kind).toBe("refused");
    expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType: type }]);
    expect(recordsOf(environment, "platform.runtimeDone")).toMatchObject([{ status: "error", errorType: type }]);
  });

  test("[RT-46] with an empty mode is buffered, and with streaming it is streamed", () => {
    expect(handled(responding(complete("ok"), 2, ""), true).made("response begins").outcome).toMatchObject({
      stream: false,
    });
    expect(handled(responding(complete("ok"), 2, "streaming"), true).made("response begins").outcome).toMatchObject({
      stream: true,
    });
  });

  test("[RT-49, RT-107] that is truncated is refused, fails the invocation, and gives a buffered caller none of it", () => {
    const environment = handled(responding({ kind: "truncated" }, 17));
    expect(environment.made("response ends").outcome).toEqual({
      kind: "refused",
      refusal: {
        status: 400,
        errorType: "TruncatedHTTPRequest",
        errorMessage: "HTTP request detected as truncated",
      },
    });
    const type = "Runtime.TruncatedResponse";
    expect(answersOf(environment)).toEqual([payload(type, type)]);
    expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType: type }]);
    expect(recordsOf(environment, "platform.runtimeDone")).toMatchObject([{ errorType: type, producedBytes: 17 }]);
  });

  test("[RT-49] that is truncated leaves a streaming caller what it has", () => {
    expect(answersOf(handled(responding({ kind: "truncated" }, 17, "streaming"), true))).toEqual(["streamed response"]);
  });
});

describe("a streaming response", () => {
  test("is read as it arrives, up to 200 MiB", () => {
    const environment = handled(answering({ mode: "streaming" }), true);
    expect(environment.made("response begins").outcome).toEqual({
      kind: "read body",
      stream: true,
      maxBytes: 209_715_200,
    });
    expect(answersOf(environment)).toEqual(["streamed response"]);
  });

  test("[RT-57, RT-42] read by a buffered caller is collected within the limits of a buffered one", () => {
    const environment = handled(answering({ mode: "streaming" }));
    expect(environment.made("response begins").outcome).toEqual({
      kind: "read body",
      stream: false,
      maxBytes: 6_291_556,
    });
    expect(answersOf(environment)).toEqual(["response: ok"]);
  });

  test("[RT-57] read by a buffered caller who is overtaken by the timeout gives him none of it", () => {
    expect(answersOf(handled(answering({ mode: "streaming", uploadMs: 9000 })))).toEqual([timedOut]);
  });

  test("[RT-59] that began cannot be turned into an error any more", () => {
    const environment = handled(function* respond({ requestId }) {
      yield* ask(responseBegins(requestId, "streaming"));
      yield* ask(errorBegins(requestId));
    }, true);
    expect(environment.made("error begins").outcome).toMatchObject({ kind: "refused", refusal: { status: 403 } });
  });

  test("[RT-61] that ends with error trailers completes without an error, and the records say success", () => {
    const trailers = { errorType: "Function.Late", errorBody: "e30=" };
    const upload: Upload = { kind: "complete", body: new Uint8Array(), contentType: undefined, trailers };
    const environment = handled(responding(upload, 9, "streaming"), true);
    expect(answersOf(environment)).toEqual(["streamed response"]);
    expect(orderOfEmission(environment)).toContain("S D(success) R(success)");
  });

  test("[RT-62] answered through /error gives its JSON to the caller", () => {
    expect(answersOf(handled(failing, true))).toEqual(["posted error: bad"]);
  });

  test("[RT-63] that exceeds the timeout keeps what was sent and ends without a mark; the report is timeout and the process is replaced", () => {
    const environment = handled(inTurn(answering({ mode: "streaming", uploadMs: 9000 }), answering()), true);
    expect(answersOf(environment)).toEqual(["streamed response"]);
    expect(reportsOf(environment)).toMatchObject([{ status: "timeout", durationMs: 3000 }]);
    expect(environment.living).toEqual([]);
    expect(environment.environment.phase).toBe("empty");
  });
});

describe("an error of the handler", () => {
  test("[RT-66, RT-70, RT-109, LIFE-44, EVT-25, EVT-54, EVT-79] reaches the caller verbatim, and the environment stays as it is", () => {
    const environment = invoked({
      extensions: { logs: extension("logs") },
      runtime: runtime({ handler: inTurn(failing, answering()) }),
    });
    environment.invoke();
    environment.run();
    expect(environment.made("error ends").outcome).toEqual({ kind: "accepted" });
    expect(answersOf(environment)).toEqual(["posted error: bad", "response: ok"]);
    const [done] = recordsOf(environment, "platform.runtimeDone");
    expect(done).toMatchObject({ status: "success", spans: [], producedBytes: 0 });
    expect(done).not.toHaveProperty("errorType");
    expect(reportsOf(environment)).toMatchObject([{ status: "success" }, { status: "success" }]);
    expect(timesOf(environment, "launch runtime")).toHaveLength(1);
    expect(environment.made("event next", 1).outcome?.kind).toBe("invoke event");
  });

  test.each([undefined, "", "Function.Bad", "anything at all"])("[RT-68] is accepted with the type %s", (errorType) => {
    const environment = handled(function* fail({ requestId }) {
      yield* ask(errorBegins(requestId));
      yield* ask({ call: "error ends", requestId, upload: complete("{}"), errorType, xrayCause: undefined });
    });
    expect(environment.made("error ends").outcome).toEqual({ kind: "accepted" });
    expect(answersOf(environment)).toEqual(["posted error: {}"]);
  });

  test("[RT-71] that is too large is refused and reaches the caller as a response that is too large", () => {
    const environment = handled(function* fail({ requestId }) {
      yield* ask(errorBegins(requestId));
      yield* ask(errorEnds(requestId, { kind: "too large" }));
    });
    expect(environment.made("error begins").outcome).toMatchObject({ maxBytes: 6_291_556 });
    expect(environment.made("error ends").outcome).toMatchObject({ kind: "refused", refusal: { status: 413 } });
    expect(answersOf(environment)).toEqual([tooLarge]);
  });
});

describe("the end of an invocation", () => {
  test("[RT-15, LIFE-36, EVT-49, LIFE-97] comes when the runtime asked again and the extension did, and then the environment freezes", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { workMs: 900 }) },
      runtime: runtime({ handler: answering({ afterMs: 100 }) }),
    });
    expect(recordTimesOf(environment, "platform.runtimeDone")).toEqual([environment.made("runtime next", 1).madeAt]);
    const [concluded] = timesOf(environment, "conclude invocation");
    expect(concluded).toBe(environment.made("event next", 1).madeAt);
    expect(timesOf(environment, "freeze")).toEqual([expect.any(Number), concluded]);
  });

  test("[LIFE-36, EXT-51] waits for the runtime when the extension is done first", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { workMs: 1 }) },
      runtime: runtime({ handler: answering({ afterMs: 800 }) }),
    });
    expect(timesOf(environment, "conclude invocation")).toEqual([environment.made("runtime next", 1).madeAt]);
  });

  test("[LIFE-96] begins a freeze, after Init and after every invocation", () => {
    const environment = warm({ runtime: runtime() });
    expect(timesOf(environment, "freeze")).toEqual(timesOf(environment, "init ended"));
    environment.invoke();
    environment.run();
    expect(timesOf(environment, "freeze").slice(1)).toEqual(timesOf(environment, "conclude invocation"));
    expect(environment.environment).toMatchObject({ phase: "ready", frozen: true });
  });

  test("[LIFE-102] does not freeze when that is switched off", () => {
    const environment = invoked({ configuration: { freeze: false }, runtime: runtime() });
    expect(timesOf(environment, "freeze")).toEqual([]);
    expect(timesOf(environment, "thaw")).toEqual([]);
    expect(environment.environment).toMatchObject({ phase: "ready", frozen: false });
  });

  test("[LIFE-40] leaves the environment busy until the extension is done", () => {
    const environment = warm({ extensions: { logs: extension("logs", { workMs: 900 }) }, runtime: runtime() });
    environment.invoke();
    environment.advance(500);
    expect(environment.answers).toHaveLength(1);
    environment.invoke();
    expect(effectsOf(environment, "refuse invocation")).toMatchObject([{ why: "busy" }]);
  });

  test("leaves an environment that the next invocation uses again", () => {
    const environment = invoked({ runtime: runtime() });
    environment.invoke();
    environment.run();
    expect(timesOf(environment, "launch runtime")).toHaveLength(1);
    expect(answersOf(environment)).toHaveLength(2);
  });
});

describe("the timeout", () => {
  test("[LIFE-46, LIFE-41, RT-102, LIFE-50, EVT-51, EVT-58] before a response answers the caller at once, and is reported when the processes are gone", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { shutdownMs: 700 }) },
      runtime: runtime({ handler: inTurn(answering(), silent) }),
    });
    environment.invoke();
    environment.run();
    const released = Number(environment.made("runtime next", 1).answeredAt);
    const said = "Task timed out after 3.00 seconds";
    expect(answersOf(environment)).toEqual(["response: ok", payload("Sandbox.Timedout", said, "request-1")]);
    expect(environment.answers[1]?.at).toBe(released + 3000);
    const [, report] = effectsOf(environment, "conclude invocation");
    expect(report?.at).toBeGreaterThan(released + 3700);
    expect(report?.report).toMatchObject({ status: "timeout", durationMs: 3000, billedDurationMs: 3000, spans: [] });
    expect(recordsOf(environment, "platform.runtimeDone")[1]).toMatchObject({
      status: "timeout",
      durationMs: 3000,
      producedBytes: 0,
      spans: [],
    });
  });

  test("[EVT-51, EVT-58, LIFE-47] is measured for runtimeDone, and exact for the report", () => {
    const environment = warm({ runtime: runtime({ handler: silent }) });
    environment.invoke();
    environment.advance(50);
    const late = startOfTime + Number(environment.made("runtime next").answeredAt) + 3000.75;
    const fired = step(environment.environment, { event: "timer fired", timer: "invocation deadline" }, late);
    expect(fired.effects).toContainEqual({
      effect: "emit",
      record: expect.objectContaining({ type: "platform.runtimeDone", durationMs: 3000.75 }),
    });
    expect(fired.environment).toMatchObject({ phase: "ending", report: { durationMs: 3000 } });
  });

  test("[LIFE-42, LIFE-41] counts from the release when Init was repeated before it", () => {
    const environment = new SimulatedEnvironment({
      runtime: byGeneration(moves(exit(1)), runtime({ initMs: 2500, handler: silent })),
    });
    environment.invoke();
    environment.run();
    expect(environment.answers[0]?.at).toBe(Number(environment.made("runtime next").answeredAt) + 3000);
  });

  test("[RT-102] is named with two decimals", () => {
    const environment = invoked({ configuration: { timeoutMs: 900_000 }, runtime: runtime({ handler: silent }) });
    expect(answersOf(environment)).toEqual([payload("Sandbox.Timedout", "Task timed out after 900.00 seconds")]);
  });

  test("[LIFE-47, EVT-82, EVT-64] after the runtime was done lets the answer stand; runtimeDone is success, the report timeout", () => {
    const environment = invoked({ extensions: { logs: extension("logs", { workMs: 9000 }) }, runtime: runtime() });
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(orderOfEmission(environment)).toContain("S D(success) ‖ R(timeout)");
    expect(reportsOf(environment)).toMatchObject([{ durationMs: 3000, spans: [] }]);
  });

  test("[LIFE-45] of a runtime that answered and does not ask again lets the answer stand and resets", () => {
    const environment = invoked({ runtime: runtime({ handler: answering({ afterMs: 9000 }) }) });
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(orderOfEmission(environment)).toContain("S D(timeout) ‖ R(timeout)");
    expect(environment.environment.phase).toBe("empty");
  });

  test("[LIFE-51] lets a body that was on its way reach no caller", () => {
    const environment = warm({
      runtime: runtime({ handler: answering({ workMs: 2990, uploadMs: 15 }), diesAfterMs: "never" }),
      extensions: { logs: extension("logs") },
    });
    environment.invoke();
    environment.advance(3020);
    expect(environment.environment.phase).toBe("ending");
    expect(environment.made("response ends").outcome).toMatchObject({
      kind: "refused",
      refusal: { errorType: "InvalidRequestID" },
    });
    environment.run();
    expect(answersOf(environment)).toEqual([timedOut]);
  });

  test("[LIFE-53, LIFE-67] that comes together with a response has one winner, that which came first", () => {
    const answered = invoked({ runtime: runtime({ handler: answering({ workMs: 2999 }) }) });
    expect(answersOf(answered)).toEqual(["response: ok"]);
    const late = invoked({ runtime: runtime({ handler: answering({ workMs: 3001 }) }) });
    expect(answersOf(late)).toEqual([timedOut]);
  });
});

describe("durations and bytes", () => {
  test("[EVT-48, EVT-51, EVT-52, EVT-53, EVT-54, EVT-55, EVT-56, EVT-57, EVT-64, LIFE-43, EVT-99] are measured from release, first byte, last byte and the next call", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { workMs: 500 }) },
      runtime: runtime({ handler: answering({ workMs: 100, uploadMs: 30, afterMs: 20 }) }),
    });
    const released = startOfTime + Number(environment.made("runtime next").answeredAt);
    expect(recordsOf(environment, "platform.runtimeDone")).toEqual([
      {
        type: "platform.runtimeDone",
        requestId: "request-0",
        status: "success",
        durationMs: 150,
        producedBytes: 2,
        spans: [
          { name: "responseLatency", start: released, durationMs: 100 },
          { name: "responseDuration", start: released + 100, durationMs: 30 },
          { name: "runtimeOverhead", start: released + 130, durationMs: 20 },
        ],
      },
    ]);
    const initDurationMs = Number(timesOf(environment, "init ended")[0]);
    expect(reportsOf(environment)).toEqual([
      {
        type: "platform.report",
        requestId: "request-0",
        status: "success",
        durationMs: 500,
        billedDurationMs: 500 + initDurationMs,
        initDurationMs,
        memorySizeMB: 512,
        spans: [{ name: "extensionOverhead", start: released + 150, durationMs: 350 }],
      },
    ]);
  });

  test("[EVT-64, EVT-99] the report has no span when no extension is registered for INVOKE", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { events: ["SHUTDOWN"] }) },
      runtime: runtime(),
    });
    expect(reportsOf(environment)).toMatchObject([{ spans: [] }]);
  });

  test("[EVT-07, EVT-60] lengths are cut to microseconds, and the bill is rounded up to milliseconds", () => {
    const environment = invoked({ runtime: runtime({ handler: answering({ workMs: 100.1237 }) }) });
    expect(recordsOf(environment, "platform.runtimeDone")[0]?.durationMs).toBe(100.123);
    const [report] = reportsOf(environment);
    expect(report?.billedDurationMs).toBe(Math.ceil(Number(report?.durationMs) + Number(report?.initDurationMs)));
  });

  test("[EVT-61, LIFE-113, EVT-95] of a provisioned environment, Init is reported with the first invocation and not billed", () => {
    const environment = warm({
      configuration: { initializationType: "provisioned-concurrency" },
      runtime: runtime({ initMs: 700 }),
    });
    environment.advance(7_200_000);
    environment.invoke();
    environment.run();
    environment.invoke();
    environment.run();
    const [first, second] = reportsOf(environment);
    expect(first?.initDurationMs).toBeGreaterThanOrEqual(700);
    expect(first?.billedDurationMs).toBe(Math.ceil(Number(first?.durationMs)));
    expect(second).not.toHaveProperty("initDurationMs");
  });

  test("[EVT-31, EVT-18, EVT-19, LIFE-110] Init begins with the facts of the environment, before any extension is launched", () => {
    const runtimeVersion = { runtimeVersion: "provided:al2023.v15", runtimeVersionArn: "arn:aws:lambda:x::runtime:1" };
    const environment = warm({
      configuration: { initializationType: "provisioned-concurrency", runtimeVersion },
      extensions: { logs: extension("logs") },
      runtime: runtime(),
    });
    expect(environment.history[0]?.effect).toEqual({
      effect: "emit",
      record: {
        type: "platform.initStart",
        initializationType: "provisioned-concurrency",
        phase: "init",
        functionName: "ship-parcel",
        functionVersion: "3",
        instanceId: "2026/04/11/[3]9a8b",
        instanceMaxMemory: 536_870_912,
        runtimeVersion,
      },
    });
  });
});

describe("a crash during an invocation", () => {
  const ends = [
    [exitStatus(0), "Runtime exited without providing a reason"],
    [exitStatus(5), "Runtime exited with error: exit status 5"],
    [{ code: null, signal: "SIGKILL", outOfMemory: false }, "Runtime exited with error: signal: killed"],
    [{ code: null, signal: "SIGSEGV", outOfMemory: false }, "Runtime exited with error: signal: segmentation fault"],
    [{ code: null, signal: "SIGABRT", outOfMemory: false }, "Runtime exited with error: signal: aborted"],
  ] as const;

  test.each(ends)(
    "[RT-103, RT-107, LIFE-58] of the runtime, by %o, gives the caller its text at once, and resets",
    (how, said) => {
      const environment = invoked({
        extensions: { logs: extension("logs") },
        runtime: runtime({
          handler: function* end() {
            yield wait(30);
            yield { move: "exit", exit: how };
          },
        }),
      });
      expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", said)]);
      expect(environment.answers[0]?.at).toBe(Number(environment.made("runtime next").answeredAt) + 30);
      expect(environment.made("event next", 1).outcome).toMatchObject({ kind: "shutdown event", reason: "failure" });
      expect(environment.environment.phase).toBe("empty");
    },
  );

  test("[RT-105, LIFE-66, EVT-28] for want of memory is Runtime.OutOfMemory", () => {
    const environment = invoked({
      extensions: { logs: extension("logs") },
      runtime: runtime({
        handler: function* end() {
          yield { move: "exit", exit: { code: null, signal: "SIGKILL", outOfMemory: true } };
        },
      }),
    });
    const type = "Runtime.OutOfMemory";
    expect(answersOf(environment)).toEqual([payload(type, "Runtime exited with error: signal: killed")]);
    expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType: type }]);
    expect(environment.made("event next", 1).outcome).toMatchObject({ kind: "shutdown event", reason: "failure" });
  });

  test("[RT-108, LIFE-59] of the runtime after its response lets the answer stand; the report is an error, and the next invocation initializes", () => {
    const environment = invoked({
      runtime: runtime({
        handler: inTurn(function* answerAndEnd(event) {
          yield* answering()(event, 0);
          yield exit(4);
        }, answering()),
      }),
    });
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType: "Runtime.ExitError" }]);
    environment.invoke();
    environment.advance(50);
    expect(recordsOf(environment, "platform.initStart").map(({ phase }) => phase)).toEqual(["init", "invoke"]);
  });

  const extensionEnds = [
    [exitStatus(0), "exit code 0"],
    [exitStatus(5), "exit status 5"],
    [{ code: null, signal: "SIGSEGV", outOfMemory: false }, "signal: segmentation fault"],
    [{ code: null, signal: "SIGKILL", outOfMemory: true }, "signal: killed"],
  ] as const;

  test.each(extensionEnds)(
    "[RT-104, RT-107, LIFE-60, ENV-80] of an extension, by %o, before the response gives Extension.Crash at once",
    (how, said) => {
      const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime({ handler: silent }) });
      environment.invoke();
      environment.advance(50);
      environment.crash("logs", how);
      expect(answersOf(environment)).toEqual([payload("Extension.Crash", said)]);
      environment.run();
      expect(orderOfEmission(environment)).toContain("S D(error Extension.Crash) ‖ R(error Extension.Crash)");
      expect(environment.environment.phase).toBe("empty");
    },
  );

  test("[LIFE-61, EVT-65] of an extension after the response lets the answer stand; runtimeDone is success, the report an error", () => {
    const environment = warm({
      extensions: { logs: extension("logs", { workMs: 500 }) },
      runtime: runtime({ handler: answering({ afterMs: 300 }) }),
    });
    environment.invoke();
    environment.advance(100);
    environment.crash("logs", exitStatus(1));
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(orderOfEmission(environment)).toContain("S D(success) ‖ R(error Extension.Crash)");
  });

  test("[LIFE-62, EXT-79, EXT-80, LIFE-68] of an extension after exit/error has the type Extension.ExitError", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime({ handler: silent }) });
    environment.invoke();
    environment.advance(50);
    const identifier = identifierOf("logs", 1);
    environment.call({ call: "extension exit error", identifier, errorType: "Extension.Mine" });
    expect(environment.environment.phase).toBe("invoking");
    environment.crash("logs", exitStatus(1));
    environment.run();
    expect(answersOf(environment)).toEqual([payload("Extension.ExitError", "exit status 1")]);
    expect(reportsOf(environment)).toMatchObject([{ errorType: "Extension.ExitError" }]);
  });

  test("[LIFE-68, LIFE-67] of another process after an extension's exit/error has the type of that", () => {
    const after = (crashing: string) => {
      const environment = warm({
        extensions: { audit: extension("audit"), logs: extension("logs") },
        runtime: runtime({ handler: silent }),
      });
      environment.invoke();
      environment.advance(50);
      const identifier = identifierOf("logs", 1);
      environment.call({ call: "extension exit error", identifier, errorType: "Extension.Mine" });
      environment.crash(crashing, exitStatus(1));
      return answersOf(environment);
    };
    expect(after("audit")).toEqual([payload("Extension.ExitError", "exit status 1")]);
    expect(after("runtime")).toEqual([payload("Extension.ExitError", "Runtime exited with error: exit status 1")]);
  });

  test("[LIFE-65] of an extension without INVOKE is a crash like any other", () => {
    const environment = warm({
      extensions: { logs: extension("logs", { events: [] }) },
      runtime: runtime({ handler: silent }),
    });
    environment.invoke();
    environment.advance(50);
    environment.crash("logs", exitStatus(1));
    expect(answersOf(environment)).toEqual([payload("Extension.Crash", "exit status 1")]);
  });

  test("[EXT-91] of a runtime in which an internal extension ran is the runtime's", () => {
    const environment = new SimulatedEnvironment({
      runtime: {
        *script() {
          yield* ask({ call: "register", name: "inside", events: ["INVOKE"], freshIdentifier: "inside" });
          yield { move: "post", call: { call: "event next", identifier: "inside" } };
          yield* ask({ call: "runtime next" });
          yield exit(1);
        },
      },
    });
    environment.invoke();
    environment.run();
    expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", "Runtime exited with error: exit status 1")]);
  });

  test("[EXT-78] is not made by exit/error alone: a process that stays alive holds the phase up to its limit", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.invoke();
    environment.advance(5);
    environment.call({
      call: "extension exit error",
      identifier: identifierOf("logs", 1),
      errorType: "Extension.Mine",
    });
    environment.run();
    expect(orderOfEmission(environment)).toContain("S D(success) ‖ R(timeout)");
  });

  test("[LIFE-63, LIFE-32] between invocations fails the next at once, unseen by the runtime, and the one after that initializes again", () => {
    const environment = invoked({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.crash("logs", exitStatus(6));
    expect(environment.environment.phase).toBe("ready");
    environment.invoke();
    environment.run();
    environment.invoke();
    environment.run();
    expect(answersOf(environment)).toEqual([
      "response: ok",
      payload("Extension.Crash", "exit status 6", "request-1"),
      "response: ok",
    ]);
    expect(recordsOf(environment, "platform.initStart").map(({ phase }) => phase)).toEqual(["init", "invoke"]);
    expect(environment.calls.filter(({ outcome }) => outcome?.kind === "invocation")).toHaveLength(2);
  });

  test("[EVT-88, EVT-24] of the platform itself is an error of the service to the caller", () => {
    const environment = warm({ runtime: runtime({ handler: silent }) });
    environment.invoke();
    environment.advance(50);
    environment.happens({ event: "platform failed", text: "the disk is full" });
    expect(environment.answers.map(({ answer }) => answer)).toEqual([
      { kind: "service error", exception: "ServiceException", status: 500, message: "the disk is full" },
    ]);
  });
});
