/** The answer to the caller with real processes: when it comes, how large it may be, and what it does not wait for. */
import { expect, test } from "vitest";
import { eventually, newGate, open, openGate, pidOf, records, said } from "../fixtures/environments.ts";

const limit = 6_291_556;

test("[RT-33, LIFE-38] answers the caller while runtime and extensions are still at work", async () => {
  const [runtimeGate, extensionGate] = [newGate("runtime"), newGate("extension")];
  const environment = await open({
    bootstrap: `
      for (;;) {
        const { requestId } = await next();
        await respond(requestId, '"early"');
        await gate(${JSON.stringify(runtimeGate)});
      }
    `,
    extensions: {
      slow: `await follow((await register(["INVOKE"])).id, () => gate(${JSON.stringify(extensionGate)}));`,
    },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke();
  expect(await invocation.answered()).toEqual({ payload: "early" });
  expect(environment.snapshot.phase).toBe("invoking");
  openGate(runtimeGate);
  await eventually(() => expect(records(environment, "platform.runtimeDone")).toHaveLength(1));
  expect(environment.snapshot.phase).toBe("invoking");
  openGate(extensionGate);
  expect((await invocation).payload).toBe("early");
});

test("[LIFE-39, OBS-34] gives a log tail that includes what extensions wrote after the answer", async () => {
  const gate = newGate();
  const environment = await open({
    extensions: {
      slow: `await follow((await register(["INVOKE"])).id, async () => {
        await gate(${JSON.stringify(gate)});
        console.log("written after the answer");
      });`,
    },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke();
  await invocation.answered();
  openGate(gate);
  expect((await invocation).logTail).toContain("written after the answer\n");
});

test("[RT-42] delivers a response of exactly 6,291,556 bytes", async () => {
  const environment = await open({ bootstrap: `await serve(() => "x".repeat(${limit}));`, timeoutMs: 60_000 });
  const { payloadBytes, status } = await environment.invoke();
  expect({ bytes: payloadBytes.length, status }).toEqual({ bytes: limit, status: "success" });
});

test.each([
  { how: "its length announced", body: `"x".repeat(${limit + 1})` },
  { how: "sent in chunks", body: `["x".repeat(1_000_000), "x".repeat(${limit + 1 - 1_000_000})]` },
])("[RT-43, RT-44, RT-45] refuses one byte more, $how, and goes on with the same process", async ({ body }) => {
  const environment = await open({
    bootstrap: `
      for (let count = 0; ; count++) {
        const { requestId } = await next();
        if (count === 0) say(await respond(requestId, ${body}));
        else await respond(requestId, String(process.pid));
      }
    `,
    timeoutMs: 60_000,
  });
  const refused = await environment.invoke();
  const pid = pidOf(environment, "runtime");
  expect(refused).toMatchObject({
    functionError: "Unhandled",
    payload: {
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    },
  });
  expect(said(environment, "function")).toEqual([
    expect.objectContaining({
      status: 413,
      body: '{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}\n',
    }),
  ]);
  expect((await environment.invoke()).payload).toBe(pid);
});

test("[RT-35] takes an empty response as a success with an empty payload", async () => {
  const environment = await open({ bootstrap: 'await serve(() => "");' });
  const result = await environment.invoke();
  expect(result).toMatchObject({ payload: "", status: "success" });
  expect(result.payloadBytes).toHaveLength(0);
  expect(result).not.toHaveProperty("functionError");
});

test("[RT-37, EXT-102] refuses a second answer, keeps the first, and tells the developer", async () => {
  const environment = await open({
    bootstrap: `
      for (;;) {
        const { requestId } = await next();
        await respond(requestId, '"first"');
        say(await respond(requestId, '"second"'));
      }
    `,
  });
  expect((await environment.invoke()).payload).toBe("first");
  expect(said(environment, "function")).toMatchObject([
    { status: 403, body: expect.stringContaining('"InvalidStateTransition"') },
  ]);
  expect(environment.notices.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(
      /^The runtime was refused POST \/2018-06-01\/runtime\/invocation\/\{id\}\/response in state RuntimeResponseSentState: 403/,
    ),
  );
});

test("[RT-36, RT-38] refuses answers to other invocations and to past ones", async () => {
  const environment = await open({
    bootstrap: `
      let past = "00000000-0000-4000-8000-000000000000";
      for (;;) {
        const { requestId } = await next();
        say({ status: (await respond(past, '"wrong"')).status });
        await respond(requestId, '"right"');
        past = requestId;
      }
    `,
  });
  expect((await environment.invoke()).payload).toBe("right");
  expect((await environment.invoke()).payload).toBe("right");
  expect(said(environment, "function")).toEqual([{ status: 400 }, { status: 400 }]);
});

test("[LIFE-34] runs one invocation at a time, in the order they came", async () => {
  const environment = await open();
  const results = await Promise.all([1, 2, 3].map((event) => environment.invoke(event)));
  expect(results.map(({ payload }) => payload)).toEqual([1, 2, 3]);
  const types = environment.telemetry.map(({ type }) => type);
  const bounds = types.filter((type) => ["platform.start", "platform.report"].includes(type));
  expect(bounds).toEqual([1, 2, 3].flatMap(() => ["platform.start", "platform.report"]));
});
