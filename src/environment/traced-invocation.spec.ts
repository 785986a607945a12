import { expect, test } from "vitest";
import type { TracedAttempt } from "../protocol/traced-invocation.ts";
import {
  answering,
  ask,
  byGeneration,
  complete,
  errorBegins,
  exit,
  exitStatus,
  exiting,
  extension,
  type Handler,
  moves,
  runtime,
  silent,
  wait,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { startOfTime } from "./simulated-clock.spec-support.ts";
import { reportsOf } from "./told-history.spec-support.ts";

const trace: TracedAttempt = {
  request: {
    header: { root: "1-a", parent: "p", sampled: "1", lineage: undefined },
    serviceSegmentId: "service",
    callerId: undefined,
    segments: true,
    startedAt: startOfTime,
    httpStatus: 200,
  },
  functionSegmentId: "function",
  invocationId: "invocation",
};

/** Of one traced invocation of an environment that was initialized before; times since its release. */
function traced(simulated: SimulatedFunction) {
  const environment = new SimulatedEnvironment(simulated);
  environment.happens({ event: "init requested" });
  environment.run();
  environment.invoke({ trace });
  environment.run();
  const [report] = reportsOf(environment);
  const { startedAt = 0, endedAt = 0, releasedAt = 0, respondedAt, ...rest } = report?.traced ?? { attempt: undefined };
  return {
    times: [startedAt, releasedAt, respondedAt ?? Number.NaN, endedAt].map((at) => at - releasedAt),
    rest,
    report,
  };
}

const failingWith = (xrayCause: string | undefined): Handler =>
  function* fail({ requestId }) {
    yield* ask(errorBegins(requestId));
    yield* ask({ call: "error ends", requestId, upload: complete("{}"), errorType: "Bad", xrayCause });
  };

test("[OBS-74] an invocation that succeeds knows when it was released, answered and done", () => {
  const handler = answering({ workMs: 30, uploadMs: 10, afterMs: 5 });
  const { times, rest } = traced({ runtime: runtime({ handler }), extensions: { logs: extension("logs") } });
  expect(times.slice(0, 3)).toEqual([0, 0, 40]);
  expect(times[3]).toBeGreaterThanOrEqual(45);
  expect(rest).toEqual({ attempt: trace });
});

test.each([
  [undefined, {}],
  ['{"message":"bad"}', { cause: '{"message":"bad"}' }],
])("[OBS-76] an error of the handler is kept, with its cause where there is one: %s", (xrayCause, handlerError) => {
  const { rest, report } = traced({ runtime: runtime({ handler: failingWith(xrayCause) }) });
  expect(rest).toEqual({ attempt: trace, handlerError });
  expect(report?.status).toBe("success");
});

test.each([
  ["a crash", exiting(exitStatus(1), 20), 20],
  ["a timeout", silent, 3000],
])("[OBS-74, OBS-76] %s has no response, and ends when it happens", (_, handler, endsAt) => {
  const { times, rest } = traced({ runtime: runtime({ handler }) });
  expect(times).toEqual([0, 0, Number.NaN, endsAt]);
  expect(rest).toEqual({ attempt: trace });
});

test("[OBS-73] an Init inside the invocation that fails too never released the event", () => {
  const environment = new SimulatedEnvironment({ runtime: moves(wait(5), exit()) });
  environment.invoke({ trace });
  environment.run();
  const [report] = reportsOf(environment);
  expect(report?.traced).toMatchObject({ attempt: trace });
  expect(report?.traced).not.toHaveProperty("releasedAt");
});

test("[OBS-73] an Init inside the invocation that succeeds is counted from its beginning", () => {
  const environment = new SimulatedEnvironment({
    runtime: byGeneration(moves(wait(5), exit()), runtime()),
  });
  environment.invoke({ trace });
  environment.run();
  const [traced] = reportsOf(environment).map((report) => report.traced);
  expect(traced).toMatchObject({ attempt: trace, startedAt: expect.any(Number), releasedAt: expect.any(Number) });
  expect(Number(traced?.startedAt)).toBeLessThan(Number(traced?.releasedAt));
});

test("[OBS-67] without segments the report carries nothing for them", () => {
  const environment = new SimulatedEnvironment({ runtime: runtime() });
  environment.invoke();
  environment.run();
  expect(reportsOf(environment)[0]).not.toHaveProperty("traced");
});
