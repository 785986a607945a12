// One measurement in a process of its own, so that its memory and processor time are those of one contender alone.
// Takes a JSON object as its only argument, prints one.
import { startFloor } from "./floor.mjs";
import { startLambdarium } from "./lambdarium.mjs";

const { contender, lines, times, sampleMs, ...setting } = JSON.parse(process.argv[2]);
const started = await (contender === "floor" ? startFloor : startLambdarium)(setting);

let written = 0;
const write = async (count) => {
  written += count;
  await started.write(count);
};
// Not measured: code is compiled, connections are opened.
await write(Math.min(lines, 100_000));
await started.drained(written);

const rssMb = [];
const sampler = setInterval(() => rssMb.push(process.memoryUsage.rss() / 1_048_576), sampleMs);
const before = { ...started.counters(), cpu: process.cpuUsage(), at: performance.now() };
for (let count = 0; count < times; count++) await write(lines);
const writtenAt = performance.now();
await started.drained(written);
const elapsedMs = performance.now() - before.at;
const { user, system } = process.cpuUsage(before.cpu);
clearInterval(sampler);

const after = started.counters();
await started.stop();
console.log(
  JSON.stringify({
    elapsedMs,
    writingMs: writtenAt - before.at,
    cpuUs: user + system,
    produced: after.produced - before.produced,
    delivered: after.delivered - before.delivered,
    dropped: after.dropped - before.dropped,
    left: after.queued,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    rssMb,
  }),
);
