/** The timeline as a function of what happened: histories in, lines out. */
import { describe, expect, test } from "vitest";
import type { HistoryEntry } from "../host/history.ts";
import { historyEntries } from "./timeline-history.ts";
import { deliveryEntries, noticeEntries, subscriptionEntries } from "./timeline-telemetry.ts";

type Step = Partial<HistoryEntry> & Pick<HistoryEntry, "event">;

const history = (...steps: readonly Step[]): HistoryEntry[] =>
  steps.map((step, index) => ({ at: index, effects: [], phase: "initializing", generation: 1, ...step }));

const told = (...steps: readonly Step[]): string[] =>
  historyEntries(history(...steps)).map(({ kind, who, what }) => `${kind} ${who}: ${what}`);

const called = (callId: number, call: unknown): Step => ({
  event: { event: "called", callId, call } as HistoryEntry["event"],
});

const register = called(1, { call: "register", name: "spy", events: ["INVOKE", "SHUTDOWN"], freshIdentifier: "id-1" });

describe("calls", () => {
  test.each([
    [{ call: "runtime next" }, "step runtime: asks for its next invocation"],
    [{ call: "restore next" }, "step runtime: is ready to be restored"],
    [{ call: "event next", identifier: "id-1" }, "step spy: asks for its next event"],
    [{ call: "event next", identifier: "other" }, "step unknown extension other: asks for its next event"],
    [{ call: "response ends", bytes: 1234, upload: { kind: "complete" } }, "step runtime: answers, 1,234 bytes"],
    [{ call: "response ends", bytes: 1, upload: { kind: "too large" } }, "problem runtime: answers too large"],
    [{ call: "error ends", errorType: "Oh.No" }, "problem runtime: answers with an error: Oh.No"],
    [{ call: "init error", errorType: undefined }, "problem runtime: reports that its Init failed"],
    [
      { call: "extension init error", identifier: "id-1", errorType: "E.Type" },
      "problem spy: reports that its Init failed: E.Type",
    ],
    [
      { call: "extension exit error", identifier: "id-1", errorType: "E.Type" },
      "problem spy: reports that it has to end: E.Type",
    ],
  ])("%j", (call, line) => {
    expect(told(register, called(2, call))).toEqual(["step spy: registers for INVOKE, SHUTDOWN", line]);
  });

  test.each([{ call: "response begins" }, { call: "error begins" }, { call: "subscribe", identifier: "id-1" }])(
    "%j is told by another line",
    (call) => {
      expect(told(called(1, call))).toEqual([]);
    },
  );

  test("the event that answers a call is told with whose call it was", () => {
    const effects = [
      { effect: "answer call", callId: 2, outcome: { kind: "shutdown event", deadlineMs: 1, reason: "timeout" } },
    ] as HistoryEntry["effects"];
    const asked = called(2, { call: "event next", identifier: "id-1" });
    expect(told(register, asked, { event: { event: "thawed" }, effects }).slice(2)).toEqual([
      "mark platform: Thaw",
      "step spy: gets SHUTDOWN, reason timeout",
    ]);
  });
});

describe("exits", () => {
  const exited = (exit: { code: number | null; signal: string | null; outOfMemory?: boolean }): Step => ({
    event: { event: "extension exited", generation: 1, name: "spy", exit: { outOfMemory: false, ...exit } },
  });

  test.each([
    [{ code: 3, signal: null }, "exits with status 3"],
    [{ code: null, signal: "SIGSEGV" }, "is ended by SIGSEGV"],
    [{ code: null, signal: "SIGKILL", outOfMemory: true }, "was ended because the memory was used up"],
  ])("%j is a problem while the environment lives", (exit, what) => {
    expect(told(exited(exit))).toEqual([`problem spy: ${what}`]);
  });

  test("is a matter of course while it ends", () => {
    const ending: Step = {
      event: { event: "shutdown requested", reason: "spindown", interrupt: false },
      phase: "ending",
    };
    expect(told(ending, { ...exited({ code: 0, signal: null }), phase: "ending" })).toEqual([
      "begin platform: Shutdown, reason spindown",
      "step spy: exits with status 0",
    ]);
  });
});

describe("the end of a generation", () => {
  const crash: Step = {
    event: { event: "runtime exited", generation: 1, exit: { code: 1, signal: null, outOfMemory: false } },
    phase: "ending",
  };

  test("is a reset when the environment goes on", () => {
    expect(told(crash, { event: { event: "swept" }, phase: "empty" })).toEqual([
      "problem runtime: exits with status 1",
      "begin platform: Reset",
      "end platform: Reset ended after 1.0 ms",
    ]);
  });

  test("is the shutdown when it does not, with the reason extensions were told", () => {
    const wanted: Step = {
      event: { event: "shutdown requested", reason: "spindown", interrupt: true },
      phase: "ending",
    };
    const invoking: Step = { event: { event: "thawed" }, phase: "invoking" };
    expect(told(invoking, wanted, { event: { event: "swept" }, phase: "gone" })).toEqual([
      "mark platform: Thaw",
      "step platform: is asked to stop",
      "begin platform: Shutdown, reason failure",
      "end platform: Shutdown ended after 1.0 ms",
    ]);
  });

  test("begins after what the step itself ended", () => {
    const effects = [
      {
        effect: "answer caller",
        requestId: "r",
        answer: { kind: "platform error", payload: { errorType: "Runtime.ExitError", errorMessage: "gone" } },
      },
      {
        effect: "emit",
        record: { type: "platform.initReport", status: "error", errorType: "Runtime.ExitError", durationMs: 7 },
      },
      { effect: "sweep" },
    ] as HistoryEntry["effects"];
    expect(told({ ...crash, effects }).slice(1)).toEqual([
      "problem platform: answers the caller: Runtime.ExitError, gone",
      "end platform: Init ended: error, Runtime.ExitError, after 7.0 ms",
      "begin platform: Reset",
    ]);
  });
});

const subscription = {
  id: 1,
  extensionName: "spy",
  api: "telemetry",
  destination: { protocol: "HTTP", uri: "http://sandbox.localdomain:4243/" },
  subscription: { schemaVersion: "2025-01-29" },
} as unknown as Parameters<typeof subscriptionEntries>[1][number];

type Attempts = Parameters<typeof deliveryEntries>[0];

const attempt = (sentAt: number, result: Attempts[number]["result"]): Attempts[number] => ({
  subscription: 1,
  attempt: sentAt,
  sentAt,
  endedAt: sentAt + 2,
  events: 3,
  bytes: 1200,
  result,
});

describe("telemetry", () => {
  test("a subscription is told with its types, destination and schema", () => {
    const records = [
      {
        time: 5,
        type: "platform.telemetrySubscription",
        name: "spy",
        state: "Subscribed",
        types: ["platform", "function"],
      },
      {
        time: 6,
        type: "platform.telemetrySubscription",
        name: "spy",
        state: "Already subscribed",
        types: ["platform"],
      },
    ] as Parameters<typeof subscriptionEntries>[0];
    expect(subscriptionEntries(records, [subscription]).map(({ what }) => what)).toEqual([
      "subscribes: platform, function to http://sandbox.localdomain:4243/ (schema 2025-01-29)",
      "subscribes again: platform",
    ]);
  });

  test("a batch is told with what was answered, and which attempt of it that was", () => {
    const refused = { kind: "failed", why: "connection refused at 127.0.0.1:4243" } as const;
    const attempts = [
      attempt(1, refused),
      attempt(2, refused),
      attempt(3, { kind: "acknowledged", status: 200 }),
      attempt(4, { kind: "acknowledged" }),
    ];
    expect(deliveryEntries(attempts, [subscription]).map(({ kind, who, what }) => `${kind} ${who} ${what}`)).toEqual([
      "problem spy gets 3 records, 1,200 bytes: failed after 2.0 ms, connection refused at 127.0.0.1:4243",
      "problem spy gets 3 records, 1,200 bytes, attempt 2: failed after 2.0 ms, connection refused at 127.0.0.1:4243",
      "delivery spy gets 3 records, 1,200 bytes, attempt 3: answers 200 after 2.0 ms",
      "delivery spy gets 3 records, 1,200 bytes: taken after 2.0 ms",
    ]);
  });

  test("dropped records are a problem", () => {
    const records = [
      { time: 5, type: "platform.logsDropped", reason: "too slow", droppedRecords: 1, droppedBytes: 9 },
    ] as Parameters<typeof subscriptionEntries>[0];
    expect(subscriptionEntries(records, [])).toEqual([
      { at: 5, kind: "problem", who: "platform", what: "1 telemetry record dropped: too slow" },
    ]);
  });
});

test("notices from before the first event are left out", () => {
  const notices = [
    { at: 1, text: "early" },
    { at: 9, text: "in time" },
  ];
  expect(noticeEntries(notices, 5)).toEqual([{ at: 9, kind: "notice", who: "lambdarium", what: "in time" }]);
});
