// What an invocation costs: cold and warm, with 0, 1 and 3 extensions, beside the floor and a peer.
//
// All contenders run in this process, in turn, round after round, so that a machine that is busy with other things
// disturbs all of them alike. Absolute numbers are the machine's; the ratios, medians of round-by-round pairs, are ours.
import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { floor } from "./contenders/floor.mjs";
import { lambdarium } from "./contenders/lambdarium.mjs";
import { vercelFun } from "./contenders/vercel-fun.mjs";
import { difference, median, medianOfPairs, quantile, ratio, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:invoke -- [options]
  --rounds N        rounds of warm invocations (25)
  --invocations N   warm invocations of each contender in a round (60)
  --cold N          cold starts of each contender (9)
  --extensions LIST numbers of extensions (0,1,3)
  --without-fun     leave the peer out
  --json            print JSON instead of tables`;

const values = readOptions(usage, {
  rounds: "25",
  invocations: "60",
  cold: "9",
  extensions: "0,1,3",
  "without-fun": false,
});
const rounds = Number(values.rounds);
const perRound = Number(values.invocations);
const coldStarts = Number(values.cold);
const numbers = values.extensions.split(",").map(Number);

/** So much that our code and the function's is compiled before it is timed. */
const warmUpRounds = 10;

const functionDirectory = fileURLToPath(new URL("programs/function", import.meta.url));
const extensionProgram = fileURLToPath(new URL("programs/extension.mjs", import.meta.url));
const payload = Buffer.from('{"hello":"world"}');

const say = values.json ? () => {} : console.log;
const peer = values["without-fun"] ? { reason: "left out as asked" } : vercelFun();
const receiving = fork(fileURLToPath(new URL("contenders/receiver.mjs", import.meta.url)));
const receiver = `http://127.0.0.1:${(await once(receiving, "message"))[0]}`;
const folder = await mkdtemp(join(tmpdir(), "lambdarium-bench-"));
try {
  const results = [];
  for (const number of numbers) {
    const result = await measure(number);
    results.push(result);
    say(`\n${number} extension${number === 1 ? "" : "s"}\n${show(result.contenders)}`);
  }
  if (peer.reason !== undefined) say(`\nThe peer was skipped: ${peer.reason}`);
  if (values.json) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
    console.log(JSON.stringify({ machine, rounds, invocations: perRound, cold: coldStarts, results }, null, 2));
  }
} finally {
  receiving.disconnect();
  await rm(folder, { recursive: true, force: true });
}

async function measure(number) {
  const extensions = await Promise.all(Array.from({ length: number }, (_, at) => copyOfExtension(`bench-${at + 1}`)));
  const wanted = [
    floor,
    lambdarium(),
    lambdarium({ keeps: true }),
    lambdarium({ forwards: true }),
    lambdarium({ traced: true }),
    lambdarium({ freeze: false }),
    peer.contender,
  ].filter((contender) => contender !== undefined && (contender.takesExtensions || number === 0));
  const setting = { functionDirectory, extensions, dataDirectory: join(folder, "data"), receiver };
  const cold = await measureCold(wanted, setting);
  const warm = await measureWarm(wanted, setting);
  const [bare, plain, ...more] = wanted;
  const rival = wanted.find(({ takesExtensions }) => !takesExtensions);
  const contenders = wanted.map((contender) => {
    const { medians, answers, samples, cpuUs } = warm.get(contender);
    return {
      name: contender.name,
      coldMs: median(cold.get(contender)),
      coldOverFloorMs: medianOfPairs(cold.get(contender), cold.get(bare), difference),
      warmP50Ms: median(samples),
      warmP99Ms: quantile(samples, 0.99),
      answerP50Ms: median(answers),
      cpuUs: median(cpuUs),
      warmToFloor: medianOfPairs(medians, warm.get(bare).medians, ratio),
      cpuToFloor: medianOfPairs(cpuUs, warm.get(bare).cpuUs, ratio),
      ...(more.includes(contender) ? { warmToPlain: medianOfPairs(medians, warm.get(plain).medians, ratio) } : {}),
      ...(rival === undefined ? {} : { warmToPeer: medianOfPairs(medians, warm.get(rival).medians, ratio) }),
    };
  });
  return { extensions: number, contenders };
}

/** From nothing to the first answer. The first round is not counted: it finds the interpreter and loads code. */
async function measureCold(contenders, setting) {
  const times = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= coldStarts; round++) {
    for (const contender of contenders) {
      const began = performance.now();
      const started = await contender.start(setting);
      const answeredAt = await started.invoke(payload);
      await started.stop();
      if (round > 0) times.get(contender).push(answeredAt - began);
    }
  }
  return times;
}

/** From the call until everybody waits for the next event; processor time is that of this process alone. */
async function measureWarm(contenders, setting) {
  const started = new Map();
  const results = new Map(
    contenders.map((contender) => [contender, { medians: [], answers: [], samples: [], cpuUs: [] }]),
  );
  try {
    for (const contender of contenders) started.set(contender, await contender.start(setting));
    for (let round = -warmUpRounds; round < rounds; round++) {
      for (const contender of contenders) {
        const { times, answers, cpuUs } = await invokeAgainAndAgain(started.get(contender));
        if (round < 0) continue;
        const result = results.get(contender);
        result.medians.push(median(times));
        result.samples.push(...times);
        result.answers.push(...answers);
        result.cpuUs.push(cpuUs);
      }
    }
  } finally {
    await Promise.all([...started.values()].map((contender) => contender.stop()));
  }
  return results;
}

async function invokeAgainAndAgain(contender) {
  const times = [];
  const answers = [];
  const before = process.cpuUsage();
  for (let count = 0; count < perRound; count++) {
    const began = performance.now();
    const answeredAt = await contender.invoke(payload);
    times.push(performance.now() - began);
    answers.push(answeredAt - began);
  }
  const { user, system } = process.cpuUsage(before);
  return { times, answers, cpuUs: (user + system) / perRound };
}

async function copyOfExtension(name) {
  const file = join(folder, name);
  await copyFile(extensionProgram, file);
  await chmod(file, 0o755);
  return file;
}

function show(contenders) {
  const ms = (value) => value.toFixed(2);
  const times = (value) => (value === undefined ? "" : `${value.toFixed(2)} ×`);
  const head = [
    "",
    "cold ms",
    "over floor ms",
    "warm p50 ms",
    "p99 ms",
    "answer p50 ms",
    "CPU µs",
    "p50 : floor",
    "CPU : floor",
    "p50 : plain",
    "p50 : peer",
  ];
  const rows = contenders.map((one) => [
    one.name,
    ms(one.coldMs),
    ms(one.coldOverFloorMs),
    ms(one.warmP50Ms),
    ms(one.warmP99Ms),
    ms(one.answerP50Ms),
    one.cpuUs.toFixed(0),
    times(one.warmToFloor),
    times(one.cpuToFloor),
    times(one.warmToPlain),
    times(one.warmToPeer),
  ]);
  return table(head, rows);
}
