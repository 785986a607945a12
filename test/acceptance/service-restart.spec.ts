/** What survives the end of the service, however it ends: asynchronous events, deliveries, the outbox (SVC-22, SVC-168, SVC-171). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { eventually, newDataDirectory, newGate, openGate, writeCode } from "../fixtures/services.ts";
import { HttpSink, status } from "../fixtures/http-sink.ts";
import { program } from "../fixtures/programs.ts";

const hostProgram = join(import.meta.dirname, "../fixtures/library-hosts/service.mjs");

class ServiceProcess {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  constructor(endpoint: string, child: ChildProcess) {
    this.endpoint = endpoint;
    this.#child = child;
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    await exited;
  }

  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<unknown> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(this.endpoint + path, { method, headers, ...text });
    const answer = await response.text();
    return answer === ""
      ? { status: response.status, id: response.headers.get("x-amzn-requestid") }
      : JSON.parse(answer);
  }

  create(name: string, bootstrap: string): Promise<unknown> {
    return this.call("POST", "/2015-03-31/functions", {
      FunctionName: name,
      Role: "arn:aws:iam::000000000000:role/test",
      Runtime: "provided.al2023",
      Handler: "x",
      Timeout: 60,
      Code: { S3Bucket: "local-dir", S3Key: writeCode({ bootstrap: program(bootstrap) }) },
    });
  }

  async event(name: string, payload: object): Promise<string> {
    const path = `/2015-03-31/functions/${name}/invocations`;
    const { id } = (await this.call("POST", path, payload, { "x-amz-invocation-type": "Event" })) as { id: string };
    return id;
  }

  async queue(): Promise<readonly Record<string, unknown>[]> {
    return ((await this.call("GET", "/_local/queue")) as { events: Record<string, unknown>[] }).events;
  }
}

/** The first line that it says: its endpoint, or why there is none. */
async function start(settings: object): Promise<{ readonly said: string; readonly service: ServiceProcess }> {
  const child = spawn(process.execPath, [hostProgram, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { said, service: new ServiceProcess(said, child) };
}

const noting = (file: string, gate: string): string => `
  await serve(async ({ requestId, body }) => {
    require("node:fs").appendFileSync(${JSON.stringify(file)}, requestId + "\\n");
    if (JSON.parse(body).held) await gate(${JSON.stringify(gate)});
    return "1";
  });`;

function linesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

test("[SVC-168] [SVC-171] [SVC-22] after SIGKILL every accepted event is run at least once, and who was running uses up no retry", async () => {
  const dataDir = newDataDirectory();
  const [file, gate] = [newGate("attempts"), newGate()];
  const settings = { dataDir, maxEnvironments: 2 };
  const { service: first } = await start(settings);
  await first.create("notes", noting(file, gate));
  const held = [await first.event("notes", { held: true }), await first.event("notes", { held: true })];
  await eventually(() => expect(linesIn(file)).toHaveLength(2));
  const waiting: string[] = [];
  for (let n = 0; n < 20; n++) waiting.push(await first.event("notes", { n }));
  await first.end("SIGKILL");
  openGate(gate);
  const { service: second } = await start(settings);
  await eventually(async () => expect(await second.queue()).toEqual([]));
  expect(linesIn(file).slice(0, 2).toSorted()).toEqual(held.toSorted());
  expect(linesIn(file).slice(2).toSorted()).toEqual([...held, ...waiting].toSorted());
  await second.end("SIGTERM");
});

test("[SVC-230] [SVC-22] an orderly stop keeps what waits and what runs, with its attempts", async () => {
  const dataDir = newDataDirectory();
  const [file, gate] = [newGate("attempts"), newGate()];
  const { service: first } = await start({ dataDir, maxEnvironments: 1 });
  await first.create("notes", noting(file, gate));
  const running = await first.event("notes", { held: true });
  await eventually(() => expect(linesIn(file)).toHaveLength(1));
  const waiting = await first.event("notes", {});
  await first.end("SIGTERM");
  openGate(gate);
  const { service: second } = await start({ dataDir, maxEnvironments: 1 });
  await eventually(() => expect(linesIn(file)).toEqual([running, running, waiting]));
  await second.end("SIGTERM");
});

test("[SVC-22] an event that was to be tried again on a clock that was moved does not wait for that day", async () => {
  const dataDir = newDataDirectory();
  const { service: first } = await start({ dataDir });
  await first.create("fails", "await next(); process.exit(1);");
  await first.call("POST", "/_local/clock", { advance: "10d" });
  const id = await first.event("fails", {});
  await eventually(async () =>
    expect(await first.queue()).toMatchObject([{ requestId: id, attempts: 1, running: false }]),
  );
  await first.end("SIGKILL");
  const { service: second } = await start({ dataDir });
  const [event] = await second.queue();
  expect(event).toMatchObject({ requestId: id, attempts: 1 });
  const waitMs = Date.parse(String(event?.["nextDue"])) - Date.now();
  expect(waitMs).toBeLessThanOrEqual(300_000);
  await second.end("SIGTERM");
});

test("[SVC-195] [SVC-22] a record that no destination has taken yet is sent after SIGKILL, and the event is not run again", async () => {
  const dataDir = newDataDirectory();
  const file = newGate("attempts");
  const sink = new HttpSink();
  const taken: string[] = [];
  sink.onTaken = ({ body }) => void taken.push(body.toString());
  sink.answer = status(503, "not now");
  const url = await sink.open();
  onTestFinished(() => sink.close());
  const Destination = "arn:aws:sqs:us-east-1:000000000000:q";
  const settings = { dataDir, serviceEndpoints: { [Destination]: url } };
  const { service: first } = await start(settings);
  await first.create("notes", noting(file, newGate()));
  await first.call("PUT", "/2019-09-25/functions/notes/event-invoke-config", {
    DestinationConfig: { OnSuccess: { Destination } },
  });
  await first.event("notes", { a: 1 });
  await eventually(() => expect(sink.received).not.toEqual([]));
  await first.end("SIGKILL");
  expect(taken).toEqual([]);
  sink.answer = status(200);
  const { service: second } = await start(settings);
  await eventually(() => expect(taken).toHaveLength(1));
  expect(JSON.parse(taken[0]!)).toMatchObject({ requestPayload: { a: 1 } });
  expect([linesIn(file).length, await second.queue()]).toEqual([1, []]);
  await second.end("SIGTERM");
});

test("what stands in the outbox is there after SIGKILL", async () => {
  const dataDir = newDataDirectory();
  const { service: first } = await start({ dataDir });
  await first.create("echo", "await serve();");
  const Destination = "arn:aws:sqs:us-east-1:000000000000:q";
  await first.call("PUT", "/2019-09-25/functions/echo/event-invoke-config", {
    DestinationConfig: { OnSuccess: { Destination } },
  });
  await first.event("echo", { a: 1 });
  const outboxOf = async (service: ServiceProcess): Promise<unknown> =>
    service.call("GET", "/_local/outbox?functionName=echo");
  await eventually(async () =>
    expect(await outboxOf(first)).toMatchObject({ entries: [{ destination: Destination }] }),
  );
  await first.end("SIGKILL");
  const { service: second } = await start({ dataDir });
  expect(await outboxOf(second)).toMatchObject({
    entries: [{ destination: Destination, record: { requestPayload: { a: 1 } } }],
  });
  await second.end("SIGTERM");
});

test("a damaged queue is refused at the start, with what it is and what to do", async () => {
  const dataDir = newDataDirectory();
  writeFileSync(
    join(dataDir, "events.db"),
    "no database at all, but long enough to be taken for the head of one".repeat(20),
  );
  const { said } = await start({ dataDir });
  expect(said).toMatch(/^failed: data-directory-failed: The data directory .* cannot be used: events\.db: /u);
});
