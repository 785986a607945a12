// What the service costs: waiting invocations through the API at several numbers of callers, asynchronous throughput, and
// a burst from nothing.
//
// Beside it runs its floor: bare runtimes behind a plain server, with as many hops between as many processes. Rounds
// alternate, so that a machine that is busy with other things disturbs both alike. Callers, service and floor are processes
// of their own. Absolute numbers are the machine's, and so is part of the tail; ratios and differences, medians of pairs
// of rounds, are ours.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { lambdarium } from "./contenders/lambdarium.mjs";
import { payload, Served } from "./contenders/served.mjs";
import { difference, median, medianOfPairs, quantile, ratio, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:service -- [options]
  --rounds N     rounds at each number of callers (10)
  --calls N      waiting invocations of a round (500)
  --callers LIST numbers of concurrent callers (1,8,64)
  --events N     asynchronous events (2000)
  --burst N      environments of the burst (50)
  --json         print JSON instead of tables`;

const values = readOptions(usage, { rounds: "10", calls: "500", callers: "1,8,64", events: "2000", burst: "50" });
const rounds = Number(values.rounds);
const calls = Number(values.calls);
/** So much that code is compiled before it is timed. */
const warmUpRounds = 3;
const folderOf = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const functionDirectory = folderOf("function");

async function startService(settings, folder = functionDirectory, variables = {}) {
  const service = await Served.start("service-host.mjs", { maxEnvironments: 200, ...settings });
  const made = await service.call(
    "POST",
    "/2015-03-31/functions",
    JSON.stringify({
      FunctionName: "bench",
      Role: "arn:aws:iam::000000000000:role/bench",
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Timeout: 60,
      Environment: { Variables: variables },
      Code: { S3Bucket: "local-dir", S3Key: folder },
    }),
  );
  if (made.status !== 201) throw new Error(made.text);
  return service;
}

/** The library in this process, at one caller: until everybody waits for the next event. */
async function startLibrary() {
  const started = await lambdarium().start({ functionDirectory, extensions: [] });
  return {
    async measure() {
      const times = [];
      for (let count = 0; count < calls; count++) {
        const began = performance.now();
        await started.invoke(payload);
        times.push(performance.now() - began);
      }
      return { times, ms: 0, processorUs: 0 };
    },
    stop: () => started.stop(),
  };
}

async function measureWaiting(callers) {
  const contenders = {
    floor: await Served.start("floor-host.mjs", { environments: callers }),
    service: await startService(),
    ...(callers === 1 ? { library: await startLibrary() } : {}),
  };
  try {
    const measured = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    for (let round = -warmUpRounds; round < rounds; round++)
      for (const [name, contender] of Object.entries(contenders)) {
        const one = await contender.measure(callers, calls);
        if (round >= 0) measured[name].push(one);
      }
    return { callers, ...compare(measured) };
  } finally {
    for (const contender of Object.values(contenders)) await contender.stop();
  }
}

function compare({ floor, service, library }) {
  const medians = (of) => of.map(({ times }) => median(times));
  const tails = (of) => of.map(({ times }) => quantile(times, 0.99) / median(times));
  return {
    service: summary(service),
    floor: summary(floor),
    p50ToFloor: medianOfPairs(medians(service), medians(floor), ratio),
    tailToFloor: medianOfPairs(tails(service), tails(floor), ratio),
    ...(library === undefined
      ? {}
      : { overLibraryMs: medianOfPairs(medians(service), medians(library), difference), library: summary(library) }),
  };
}

/** Of each figure the median of all rounds: one in which the machine did something else does not count. */
const summary = (of) => ({
  p50Ms: median(of.map(({ times }) => median(times))),
  p90Ms: median(of.map(({ times }) => quantile(times, 0.9))),
  p99Ms: median(of.map(({ times }) => quantile(times, 0.99))),
  p99ToP50: median(of.map(({ times }) => quantile(times, 0.99) / median(times))),
  callsPerSecond: median(of.map(({ ms }) => (calls / ms) * 1000)),
  platformCpuUs: median(of.map(({ processorUs }) => processorUs / calls)),
});

/** From the first event accepted until the last one is done. */
async function measureEvents(number) {
  const service = await startService({ maxEnvironments: cpus().length * 2 });
  try {
    await service.invoke("bench");
    const began = performance.now();
    let left = number;
    const sender = async () => {
      while (left-- > 0) await service.invoke("bench", { "x-amz-invocation-type": "Event" });
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    const acceptedMs = performance.now() - began;
    for (let queued = number; queued > 0;) {
      // The answer names every event that waits: asked for too often it would be what is measured.
      await new Promise((resolve) => setTimeout(resolve, Math.max(queued / 5, 5)));
      queued = JSON.parse((await service.call("GET", "/_local/queue")).text).events.length;
    }
    const doneMs = performance.now() - began;
    return { events: number, acceptedPerSecond: (number / acceptedMs) * 1000, donePerSecond: (number / doneMs) * 1000 };
  } finally {
    await service.stop();
  }
}

/** Calls that arrive at once, find nothing, and need an environment each. */
async function measureBurst(number) {
  // None is done before the last one has begun.
  const waitMs = number * 200;
  const service = await startService({ placementWaitMs: 60_000 }, folderOf("slow-function"), {
    WAIT_MS: String(waitMs),
  });
  try {
    const began = performance.now();
    const times = await Promise.all(
      Array.from({ length: number }, () => service.invoke("bench").then(() => performance.now() - began - waitMs)),
    );
    const { environments } = JSON.parse((await service.call("GET", "/_local/environments")).text);
    return {
      calls: number,
      environments: environments.length,
      firstMs: quantile(times, 0),
      p50Ms: median(times),
      lastMs: quantile(times, 1),
    };
  } finally {
    await service.stop();
  }
}

const waiting = [];
for (const callers of values.callers.split(",").map(Number)) waiting.push(await measureWaiting(callers));
const events = await measureEvents(Number(values.events));
const burst = await measureBurst(Number(values.burst));

if (values.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
  console.log(JSON.stringify({ machine, rounds, calls, waiting, events, burst }, null, 2));
} else {
  const ms = (value) => value.toFixed(2);
  const times = (value) => `${value.toFixed(2)} ×`;
  const head = ["", "callers", "p50 ms", "p90 ms", "p99 ms", "p99 : p50", "calls/s", "CPU µs"];
  const row = (name, callers, one) => [
    name,
    String(callers),
    ...[one.p50Ms, one.p90Ms, one.p99Ms].map(ms),
    times(one.p99ToP50),
    one.callsPerSecond.toFixed(0),
    one.platformCpuUs.toFixed(0),
  ];
  const rows = waiting.flatMap(({ callers, floor, service }) => [
    row("floor", callers, floor),
    row("service", callers, service),
  ]);
  console.log(table(head, rows));
  for (const { callers, p50ToFloor, tailToFloor, overLibraryMs } of waiting) {
    const over = overLibraryMs === undefined ? "" : `, ${ms(overLibraryMs)} ms over the library`;
    console.log(`${callers} callers: p50 ${times(p50ToFloor)} the floor's, tail ${times(tailToFloor)}${over}`);
  }
  console.log(
    `\n${events.events} events: ${events.acceptedPerSecond.toFixed(0)} accepted and ${events.donePerSecond.toFixed(0)} done per second`,
  );
  console.log(
    `burst of ${burst.calls}: ${burst.environments} environments; at work: the first after ${ms(burst.firstMs)} ms, half after ${ms(burst.p50Ms)} ms, all after ${ms(burst.lastMs)} ms`,
  );
}
