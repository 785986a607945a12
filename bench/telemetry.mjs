// What a line of output costs on its way to the subscribers: one and three over HTTP, one over TCP, beside the floor,
// and what happens to memory when the reader is slower than the writer.
//
// Every measurement runs in a process of its own; floor and Lambdarium take turns, round after round, so that a machine
// that is busy with other things disturbs both alike. The ratios are medians of round-by-round pairs.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, medianOfPairs, ratio, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:telemetry -- [options]
  --lines N    lines of 100 bytes in a measurement (600000)
  --rounds N   measurements of each kind (4)
  --slow-ms N  how long the slow reader takes for a batch (60)
  --json       print JSON instead of tables`;

const values = readOptions(usage, { lines: "600000", rounds: "4", "slow-ms": "60" });
const lines = Number(values.lines);
const rounds = Number(values.rounds);

const functionDirectory = fileURLToPath(new URL("programs/writer", import.meta.url));
const subscriberProgram = fileURLToPath(new URL("programs/subscriber.mjs", import.meta.url));
const hostProgram = fileURLToPath(new URL("telemetry/host.mjs", import.meta.url));

const cases = [
  { name: "1 subscriber, HTTP", subscribers: 1, destination: "HTTP" },
  { name: "3 subscribers, HTTP", subscribers: 3, destination: "HTTP" },
  { name: "1 subscriber, TCP", subscribers: 1, destination: "TCP" },
];

const say = values.json ? () => {} : console.log;
const folder = await mkdtemp(join(tmpdir(), "lambdarium-bench-"));
try {
  const extensions = await Promise.all(["bench-a", "bench-b", "bench-c"].map(copyOfSubscriber));
  const results = [];
  for (const { name, subscribers, destination } of cases) {
    const setting = { extensions: extensions.slice(0, subscribers), environment: { BENCH_DESTINATION: destination } };
    results.push({ name, contenders: await compare(setting) });
  }
  say(`\n${showComparisons(results)}`);
  const slow = await measureSlowReader(extensions.slice(0, 1));
  say(`\n${showSlowReader(slow)}`);
  if (values.json) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
    console.log(JSON.stringify({ machine, lines, rounds, results, slowReader: slow }, null, 2));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(setting) {
  const measured = { floor: [], lambdarium: [] };
  for (let round = 0; round < rounds; round++) {
    for (const contender of ["floor", "lambdarium"]) {
      measured[contender].push(await measure({ contender, lines, times: 1, sampleMs: 1000, ...setting }));
    }
  }
  const { floor, lambdarium } = measured;
  return [
    { name: "floor", ...figures(floor, floor) },
    { name: "lambdarium", ...figures(lambdarium, floor) },
  ];
}

function figures(ones, floors) {
  return {
    recordsPerSecond: median(ones.map(perSecond)),
    cpuUsPerLine: median(ones.map(cpuPerLine)),
    peakRssMb: median(ones.map(({ peakRssMb }) => peakRssMb)),
    droppedShare: median(ones.map(({ dropped, produced }) => dropped / produced)),
    timeToFloor: 1 / medianOfPairs(ones.map(perSecond), floors.map(perSecond), ratio),
    cpuToFloor: medianOfPairs(ones.map(cpuPerLine), floors.map(cpuPerLine), ratio),
  };
}

function perSecond({ delivered, elapsedMs }) {
  return (delivered / elapsedMs) * 1000;
}

function cpuPerLine({ cpuUs, produced }) {
  return cpuUs / produced;
}

/** Ten times the lines in ten invocations: what is not flat shows. */
async function measureSlowReader(extensions) {
  const environment = { BENCH_DESTINATION: "HTTP", BENCH_ANSWER_AFTER_MS: values["slow-ms"] };
  const one = await measure({ contender: "lambdarium", lines, times: 10, sampleMs: 20, extensions, environment });
  const half = Math.floor(one.rssMb.length / 2);
  return {
    produced: one.produced,
    delivered: one.delivered,
    dropped: one.dropped,
    uncounted: one.produced - one.delivered - one.dropped - one.left,
    peakRssMb: one.peakRssMb,
    peakRssOfFirstHalfMb: Math.max(...one.rssMb.slice(0, half)),
    peakRssOfSecondHalfMb: Math.max(...one.rssMb.slice(half)),
  };
}

async function measure(setting) {
  const argument = JSON.stringify({ functionDirectory, ...setting });
  const { stdout } = await promisify(execFile)(process.execPath, [hostProgram, argument]);
  return JSON.parse(stdout);
}

async function copyOfSubscriber(name) {
  const file = join(folder, name);
  await copyFile(subscriberProgram, file);
  await chmod(file, 0o755);
  return file;
}

function showComparisons(results) {
  const head = ["", "records/s", "CPU µs/line", "peak RSS MB", "dropped", "time : floor", "CPU : floor"];
  const rows = results.flatMap(({ name, contenders }) =>
    contenders.map((one) => [
      `${name}, ${one.name}`,
      Math.round(one.recordsPerSecond).toLocaleString("en"),
      one.cpuUsPerLine.toFixed(2),
      one.peakRssMb.toFixed(0),
      `${(one.droppedShare * 100).toFixed(1)} %`,
      `${one.timeToFloor.toFixed(2)} ×`,
      `${one.cpuToFloor.toFixed(2)} ×`,
    ]),
  );
  return table(head, rows);
}

function showSlowReader(slow) {
  const count = (number) => number.toLocaleString("en");
  return [
    `A reader that takes ${values["slow-ms"]} ms for every batch:`,
    `  produced ${count(slow.produced)} = delivered ${count(slow.delivered)} + dropped ${count(slow.dropped)}; not counted: ${slow.uncounted}`,
    `  peak RSS ${slow.peakRssMb.toFixed(0)} MB; first half ${slow.peakRssOfFirstHalfMb.toFixed(0)} MB, second half ${slow.peakRssOfSecondHalfMb.toFixed(0)} MB`,
  ].join("\n");
}
