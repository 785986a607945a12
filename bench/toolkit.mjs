// What the toolkit costs beside a bare Node.js script: time to register and to the first call for an event, resident
// memory; how many records pass through the whole pipeline, from the platform's POST to the sink's answer; and what it
// adds to an invocation at 128 MB, where this machine has a sandbox that limits processors.
//
// Each round starts all of them in turn; the figures are medians of differences within a round, so that a machine that
// is busy with other things disturbs all alike.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { difference, median, medianOfPairs, ratio, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";
import { measureOverhead } from "./toolkit/overhead.mjs";
import { openSandboxApi } from "./toolkit/sandbox-api.mjs";

const usage = `npm run bench:toolkit -- [options]
  --rounds N    starts of each program (21)
  --records N   records through the pipeline (200000)
  --environments N  environments of 128 MB of each (7); 0 leaves that out
  --invocations N   invocations in each, none more than twenty for one strategy (12)
  --json        print JSON instead of tables`;

const values = readOptions(usage, { rounds: "21", records: "200000", environments: "7", invocations: "12" });

const programs = ["bare", "hooks-only", "shipper"];
const inSandbox = ["bare", "hooks-only", "keeper"];
const room = await mkdtemp(join(tmpdir(), "lambdarium-bench-"));
try {
  // One file each, as extensions are packed.
  await build({
    entryPoints: [...programs, "keeper"].map((program) =>
      fileURLToPath(new URL(`toolkit/${program}.mjs`, import.meta.url)),
    ),
    outdir: room,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
  });
  const starts = await measureStarts(Number(values.rounds));
  const pipeline = await measurePipeline(Number(values.records));
  const overhead = await overheadIn128Mb(Number(values.environments), Number(values.invocations));
  if (values.json) console.log(JSON.stringify({ starts, pipeline, overhead }));
  else print(starts, pipeline, overhead);
} finally {
  await rm(room, { recursive: true, force: true });
}

async function overheadIn128Mb(environments, invocations) {
  if (environments === 0) return { skipped: "not asked for" };
  const files = Object.fromEntries(inSandbox.map((program) => [program, join(room, `${program}.mjs`)]));
  for (const file of Object.values(files)) chmodSync(file, 0o755);
  return measureOverhead(files, environments, invocations);
}

async function start(program, sink = "http://127.0.0.1:9/") {
  const api = await openSandboxApi();
  const began = performance.now();
  const child = spawn(process.execPath, [join(room, `${program}.mjs`)], {
    env: { AWS_LAMBDA_RUNTIME_API: api.endpoint, SINK: sink, SPOOL: join(room, "spool") },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return { api, child, began };
}

async function measureStarts(rounds) {
  const samples = Object.fromEntries(programs.map((program) => [program, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const program of programs) {
      const { api, child, began } = await start(program);
      const registerMs = (await api.calls.register) - began;
      const nextMs = (await api.calls.next) - began;
      const residentMb = residentKb(child.pid) / 1024;
      api.shutDown();
      await once(child, "exit");
      api.close();
      samples[program].push({ registerMs, nextMs, residentMb });
    }
  }
  const bare = samples.bare;
  return programs.map((program) => {
    const own = samples[program];
    const column = (name) => own.map((sample) => sample[name]);
    const beside = (name, combine) =>
      medianOfPairs(
        column(name),
        bare.map((sample) => sample[name]),
        combine,
      );
    return {
      program,
      registerMs: median(column("registerMs")),
      nextMs: median(column("nextMs")),
      residentMb: median(column("residentMb")),
      moreToRegisterMs: beside("registerMs", difference),
      moreToNextMs: beside("nextMs", difference),
      nextToBare: beside("nextMs", ratio),
      moreResidentMb: beside("residentMb", difference),
    };
  });
}

function residentKb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

/** Milliseconds of processor time, of all threads. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measurePipeline(records) {
  let arrived = 0;
  let done;
  const all = new Promise((resolve) => (done = resolve));
  const sink = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      arrived += Buffer.concat(pieces).toString("latin1").split('"time":').length - 1;
      response.end();
      if (arrived >= records) done();
    });
  });
  sink.listen(0, "127.0.0.1");
  await once(sink, "listening");
  const { api, child } = await start("shipper", `http://127.0.0.1:${sink.address().port}/`);
  await api.calls.next;
  const port = Number(new URL(api.told.subscription.destination.URI).port);
  const batches = Array.from({ length: Math.ceil(records / 1000) }, () => batchOf(1000));
  // A first batch has the code compiled and the connections made.
  api.invoke();
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  const before = processorMs(child.pid);
  for (const [number, body] of batches.entries()) await post(agent, port, body, number);
  await all;
  const elapsedMs = performance.now() - began;
  const spentMs = processorMs(child.pid) - before;
  const residentMb = residentKb(child.pid) / 1024;
  api.shutDown();
  await once(child, "exit");
  agent.destroy();
  sink.closeAllConnections();
  sink.close();
  api.close();
  return {
    records: arrived,
    megabytes: batches.reduce((sum, { length }) => sum + length, 0) / 1e6,
    perSecond: (arrived / elapsedMs) * 1000,
    perProcessorSecond: (arrived / spentMs) * 1000,
    residentMb,
  };
}

function batchOf(count) {
  const line = `2026-04-11T06:20:00.540Z\t7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5\tINFO\tlabel printed for parcel`;
  const records = Array.from({ length: count }, (_, at) => ({
    time: "2026-04-11T06:20:00.540Z",
    type: "function",
    record: `${line} ${at}\n`,
  }));
  return Buffer.from(JSON.stringify(records));
}

function post(agent, port, body, number) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Length": body.length, "sequence-id": `batch ${number}` };
    const sent = request({ host: "127.0.0.1", port, method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function print(starts, pipeline, overhead) {
  const ms = (value) => value.toFixed(1);
  const head = ["", "register", "next", "resident", "more to next", "ratio", "more memory"];
  const rows = starts.map((each) => [
    each.program,
    `${ms(each.registerMs)} ms`,
    `${ms(each.nextMs)} ms`,
    `${ms(each.residentMb)} MB`,
    `${ms(each.moreToNextMs)} ms`,
    each.nextToBare.toFixed(2),
    `${ms(each.moreResidentMb)} MB`,
  ]);
  console.log(table(head, rows));
  const { records, megabytes, perSecond, perProcessorSecond, residentMb } = pipeline;
  console.log(
    `\n${records} records (${ms(megabytes)} MB) through listener, spool and webhook: ${Math.round(perSecond)} a second, ` +
      `${Math.round(perProcessorSecond)} a second of processor time; ${ms(residentMb)} MB resident at the end`,
  );
  if (overhead.skipped !== undefined) {
    console.log(`\nWhat it adds at 128 MB was not measured: ${overhead.skipped}`);
    return;
  }
  const cell = (value, more) => [`${ms(value)} ms`, more === 0 ? "" : `${more > 0 ? "+" : ""}${ms(more)}`];
  const cost = overhead.figures.map(({ name, ...of }) => [
    name,
    ...cell(of.initMs, of.moreInitMs),
    ...cell(of.answerMs, of.moreToAnswerMs),
    ...cell(of.invokeMs, of.moreInvokeMs),
  ]);
  console.log(`\n${table(["at 128 MB", "Init", "", "until the answer", "", "invocation", ""], cost)}`);
}
