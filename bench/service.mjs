// What the service costs: waiting invocations through the API at several numbers of callers, asynchronous throughput, and
// a burst from nothing, beside the floor and the library of `bench/invoke.mjs`.
//
// The service runs in a process of its own, so that callers and platform are told apart. Absolute numbers are the
// machine's; differences and ratios are ours.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { floor } from "./contenders/floor.mjs";
import { lambdarium } from "./contenders/lambdarium.mjs";
import { median, quantile, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:service -- [options]
  --calls N      waiting invocations at each number of callers (3000)
  --callers LIST numbers of concurrent callers (1,8,64)
  --events N     asynchronous events (2000)
  --burst N      environments of the burst (50)
  --json         print JSON instead of tables`;

const values = readOptions(usage, { calls: "3000", callers: "1,8,64", events: "2000", burst: "50" });
const calls = Number(values.calls);
const functionDirectory = fileURLToPath(new URL("programs/function", import.meta.url));
const payload = Buffer.from('{"hello":"world"}');

/** The platform's side; it tells its processor time when it is asked. */
class ServiceProcess {
  static async start(settings) {
    const child = fork(fileURLToPath(new URL("service-host.mjs", import.meta.url)), [JSON.stringify(settings)]);
    const [{ port }] = await once(child, "message");
    return new ServiceProcess(child, port);
  }

  constructor(child, port) {
    this.child = child;
    this.port = port;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  }

  call(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const { port, agent } = this;
      const sent = request({ port, host: "127.0.0.1", method, path, headers, agent }, (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("end", () =>
          resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString("utf8") }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async invoke(name, headers) {
    const { status, text } = await this.call("POST", `/2015-03-31/functions/${name}/invocations`, payload, headers);
    if (status >= 300) throw new Error(`Invoke answered ${status}: ${text}`);
  }

  async create(name) {
    const made = await this.call(
      "POST",
      "/2015-03-31/functions",
      JSON.stringify({
        FunctionName: name,
        Role: "arn:aws:iam::000000000000:role/bench",
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Timeout: 60,
        Code: { S3Bucket: "local-dir", S3Key: functionDirectory },
      }),
    );
    if (made.status !== 201) throw new Error(made.text);
  }

  async processorUs() {
    this.child.send("processor time");
    const [{ us }] = await once(this.child, "message");
    return us;
  }

  async stop() {
    this.agent.destroy();
    this.child.send("stop");
    await once(this.child, "exit");
  }
}

const wide = { maxEnvironments: 200 };

/** Every caller calls again as soon as it is answered. */
async function measureWaiting(callers) {
  const service = await ServiceProcess.start(wide);
  try {
    await service.create("bench");
    await callAll(service, callers, Math.max(callers * 5, 300));
    const before = await service.processorUs();
    const began = performance.now();
    const times = await callAll(service, callers, calls);
    const seconds = (performance.now() - began) / 1000;
    const us = (await service.processorUs()) - before;
    return {
      callers,
      p50Ms: median(times),
      p90Ms: quantile(times, 0.9),
      p99Ms: quantile(times, 0.99),
      callsPerSecond: calls / seconds,
      platformCpuUs: us / calls,
    };
  } finally {
    await service.stop();
  }
}

async function callAll(service, callers, number) {
  const times = [];
  let left = number;
  const caller = async () => {
    while (left-- > 0) {
      const began = performance.now();
      await service.invoke("bench");
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** From the first event accepted until the last one is done. */
async function measureEvents(number) {
  const service = await ServiceProcess.start({ ...wide, maxEnvironments: cpus().length * 2 });
  try {
    await service.create("bench");
    await service.invoke("bench");
    const began = performance.now();
    let left = number;
    const sender = async () => {
      while (left-- > 0) await service.invoke("bench", { "x-amz-invocation-type": "Event" });
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    const acceptedMs = performance.now() - began;
    for (let queued = number; queued > 0;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      queued = JSON.parse((await service.call("GET", "/_local/queue")).text).events.length;
    }
    const doneMs = performance.now() - began;
    return { events: number, acceptedPerSecond: (number / acceptedMs) * 1000, donePerSecond: (number / doneMs) * 1000 };
  } finally {
    await service.stop();
  }
}

/** Calls that arrive at once and find nothing. */
async function measureBurst(number) {
  const service = await ServiceProcess.start({ ...wide, placementWaitMs: 60_000 });
  try {
    await service.create("bench");
    const began = performance.now();
    const times = await Promise.all(
      Array.from({ length: number }, () => service.invoke("bench").then(() => performance.now() - began)),
    );
    const { environments } = JSON.parse((await service.call("GET", "/_local/environments")).text);
    const firstMs = quantile(times, 0);
    return {
      calls: number,
      environments: environments.length,
      firstMs,
      p50Ms: median(times),
      lastMs: quantile(times, 1),
    };
  } finally {
    await service.stop();
  }
}

/** A contender of `bench/invoke.mjs`, at one caller: until everybody waits for the next event. */
async function measureContender(contender) {
  const started = await contender.start({ functionDirectory, extensions: [] });
  try {
    const times = [];
    for (let count = -300; count < calls; count++) {
      const began = performance.now();
      await started.invoke(payload);
      if (count >= 0) times.push(performance.now() - began);
    }
    return { p50Ms: median(times), p99Ms: quantile(times, 0.99) };
  } finally {
    await started.stop();
  }
}

const bare = await measureContender(floor);
const library = await measureContender(lambdarium(true));
const waiting = [];
for (const callers of values.callers.split(",").map(Number)) waiting.push(await measureWaiting(callers));
const events = await measureEvents(Number(values.events));
const burst = await measureBurst(Number(values.burst));

if (values.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
  console.log(JSON.stringify({ machine, floor: bare, library, waiting, events, burst }, null, 2));
} else {
  const ms = (value) => value.toFixed(2);
  // What the machine's other work does to a tail shows at the floor, which has nothing of ours in it.
  const tail = ({ p50Ms, p99Ms }) => `p50 ${ms(p50Ms)} ms, p99 ${(p99Ms / p50Ms).toFixed(1)} times that`;
  console.log(`floor: ${tail(bare)}; library: ${tail(library)}\n`);
  const head = [
    "callers",
    "p50 ms",
    "p90 ms",
    "p99 ms",
    "calls/s",
    "CPU µs",
    "p99 : p50",
    "over library ms",
    "p50 : floor",
  ];
  const rows = waiting.map((one) => [
    String(one.callers),
    ms(one.p50Ms),
    ms(one.p90Ms),
    ms(one.p99Ms),
    one.callsPerSecond.toFixed(0),
    one.platformCpuUs.toFixed(0),
    `${(one.p99Ms / one.p50Ms).toFixed(1)} ×`,
    one.callers === 1 ? ms(one.p50Ms - library.p50Ms) : "",
    one.callers === 1 ? `${(one.p50Ms / bare.p50Ms).toFixed(2)} ×` : "",
  ]);
  console.log(table(head, rows));
  console.log(
    `\n${events.events} events: ${events.acceptedPerSecond.toFixed(0)} accepted and ${events.donePerSecond.toFixed(0)} done per second`,
  );
  console.log(
    `burst of ${burst.calls}: ${burst.environments} environments, first answer after ${ms(burst.firstMs)} ms, median ${ms(burst.p50Ms)} ms, last ${ms(burst.lastMs)} ms`,
  );
}
