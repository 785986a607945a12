// What a sandbox costs: to make it, to start a program in it, to thaw and freeze it around an invocation, to destroy it;
// each driver beside the process driver, which isolates nothing.
//
// The drivers take turns, round after round, so that a machine that is busy with other things disturbs all of them alike.
// Absolute numbers are the machine's; the differences and ratios, medians of round-by-round pairs, are ours.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinuxDriver } from "../dist/sandbox/linux/linux-driver.js";
import { createProcessDriver } from "../dist/sandbox/process/process-driver.js";
import { difference, median, medianOfPairs, ratio, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:sandbox -- [options]
  --rounds N   sandboxes of each driver (15)
  --turns N    thaw, invoke, freeze in each (30)
  --crowd N    sandboxes alive at once (100); 0 leaves that out
  --json       print JSON instead of tables`;

const values = readOptions(usage, { rounds: "15", turns: "30", crowd: "100" });
const rounds = Number(values.rounds);
const turns = Number(values.turns);
const crowd = Number(values.crowd);
const echoProgram = fileURLToPath(new URL("programs/echo/echo.mjs", import.meta.url));
const codeDirectory = dirname(echoProgram);
const echoPort = 4300;
/** As many as the machine has cores make sandboxes at once. */
const makersAtOnce = cpus().length;

const contenders = [{ name: "process", driver: createProcessDriver() }];
for (const maker of ["crun", "runc", "unshare"]) {
  const linux = await createLinuxDriver({ maker });
  if (linux.available) contenders.push({ name: `linux (${maker})`, driver: linux.driver });
  else console.error(`linux (${maker}) is left out: ${linux.why}`);
}

const steps = ["create", "start", "invoke", "thaw, invoke, freeze", "destroy"];
const samples = new Map(contenders.map(({ name }) => [name, Object.fromEntries(steps.map((step) => [step, []]))]));
for (let round = -1; round < rounds; round++)
  for (const { name, driver } of contenders) {
    const taken = await oneSandbox(driver);
    // The first round compiles our code and makes what the drivers keep for later.
    if (round >= 0) for (const step of steps) samples.get(name)[step].push(taken[step]);
  }

const crowds = [];
if (crowd > 0) for (const { name, driver } of contenders) crowds.push({ name, ...(await aCrowd(driver)) });

if (values.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
  const figures = contenders.map(({ name }) => ({
    name,
    ...Object.fromEntries(steps.map((step) => [step, compared(name, step)])),
  }));
  console.log(JSON.stringify({ machine, rounds, turns, figures, crowd, crowds }, null, 2));
} else {
  const rows = contenders.map(({ name }) => [name, ...steps.flatMap((step) => cells(compared(name, step)))]);
  console.log(table(["milliseconds, beside process", ...steps.flatMap((step) => [step, "", ""])], rows));
  if (crowd > 0) {
    console.log(`\n${crowd} alive at once, a shell in each, made by ${makersAtOnce} at a time`);
    const head = ["", "made a second", "all destroyed in"];
    console.log(
      table(
        head,
        crowds.map((one) => [one.name, one.perSecond.toFixed(1), `${one.destroyMs.toFixed(0)} ms`]),
      ),
    );
  }
}

function compared(name, step) {
  const [own, bare] = [samples.get(name)[step], samples.get("process")[step]];
  return {
    medianMs: median(own),
    moreMs: medianOfPairs(own, bare, difference),
    ratio: medianOfPairs(own, bare, ratio),
  };
}

function cells({ medianMs, moreMs, ratio: times }) {
  return [medianMs.toFixed(2), `${moreMs < 0 ? "" : "+"}${moreMs.toFixed(2)}`, `×${times.toFixed(2)}`];
}

async function oneSandbox(driver) {
  const [sandbox, create] = await timed(() => made(driver));
  try {
    const [, start] = await timed(() => started(sandbox, "/bin/sh", ["-c", "echo ready; exec sleep 1000"]));
    await started(sandbox, `${sandbox.paths.lang}/bin/node`, [`${sandbox.paths.task}/${basename(echoProgram)}`]);
    const socket = sandbox.connect(echoPort);
    await once(socket, "connect");
    socket.setNoDelay();
    const [plain, frozen] = [[], []];
    for (let turn = 0; turn < turns; turn++) {
      plain.push((await timed(() => invoke(socket)))[1]);
      await sandbox.freeze();
      // As long as a caller takes to come again; the processes have stopped by then.
      await new Promise((resolve) => setTimeout(resolve, 5));
      const [, took] = await timed(async () => {
        await sandbox.thaw();
        await invoke(socket);
        await sandbox.freeze();
      });
      frozen.push(took);
      await sandbox.thaw();
      await invoke(socket);
    }
    socket.destroy();
    const [, destroy] = await timed(() => sandbox.destroy());
    return { create, start, invoke: median(plain), "thaw, invoke, freeze": median(frozen), destroy };
  } finally {
    await sandbox.destroy();
  }
}

async function aCrowd(driver) {
  const sandboxes = [];
  let left = crowd;
  const makeSome = async () => {
    while (left-- > 0) {
      const sandbox = await made(driver);
      sandboxes.push(sandbox);
      await started(sandbox, "/bin/sh", ["-c", "echo ready; exec sleep 1000"]);
    }
  };
  try {
    const [, makeMs] = await timed(() => Promise.all(Array.from({ length: makersAtOnce }, makeSome)));
    const [, destroyMs] = await timed(() => Promise.all(sandboxes.map((sandbox) => sandbox.destroy())));
    return { perSecond: crowd / (makeMs / 1000), destroyMs };
  } finally {
    await Promise.all(sandboxes.map((sandbox) => sandbox.destroy()));
  }
}

/** With the server of the sandbox API, as every environment has it. */
async function made(driver) {
  const sandbox = await driver.create(specification());
  await sandbox.listen(createServer());
  return sandbox;
}

function specification() {
  return {
    id: randomBytes(16).toString("hex"),
    codeDirectory,
    layerDirectories: [],
    extensionFiles: [],
    interpreters: [{ name: "node", file: process.execPath }],
    memorySizeMb: 1769,
    ephemeralStorageMb: 512,
  };
}

/** Until the program has said its first word. */
async function started(sandbox, file, args) {
  await new Promise((resolve, reject) => {
    const spec = {
      file,
      args,
      env: { PATH: "/usr/bin:/bin" },
      cwd: sandbox.paths.task,
      logDescriptor: false,
      onOutput: (stream, bytes) => (stream === "stdout" ? resolve() : reject(new Error(Buffer.from(bytes).toString()))),
      onOutputEnd: () => reject(new Error(`${file} ended without a word`)),
    };
    sandbox.start(spec).then((result) => result.started || reject(new Error(result.detail)), reject);
  });
}

async function invoke(socket) {
  socket.write("x");
  await once(socket, "data");
}

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [result, performance.now() - began];
}
