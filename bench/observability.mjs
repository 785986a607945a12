// What it costs to keep log events and to look into them, from ten thousand to a million, or ten million: how it grows.
//
// One store for each size, filled as a sink fills it: batches of events of many streams, times that rise. What is
// looked for is the same in all of them, so that each step should cost about the same but for the one that has to see
// every event. Absolute numbers are the machine's; the ratio of a size to the one before it is ours.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { StoreEngine } from "../dist/observability/store/store-engine.js";
import { openStore } from "../dist/observability/store/open-store.js";
import { median, table } from "./figures.mjs";
import { readOptions } from "./options.mjs";

const usage = `npm run bench:observability -- [options]
  --most N       events in the largest store, which is ten times the one before it (1000000)
  --rounds N     how often each question is asked (7)
  --directory D  where the stores are made (the system's directory for temporary files)
  --json         print JSON instead of a table`;

const values = readOptions(usage, { most: "1000000", rounds: "7", directory: tmpdir() });
const most = Number(values.most);
const rounds = Number(values.rounds);

/** Events a second of the time that the store thinks has passed: a month has 26 million of them. */
const eventsPerSecond = 10;
const streams = 20;
/** Of the store, between two parts that it forgets. */
const pauseMs = 50;
const region = "us-east-1";
const logGroup = "/aws/lambda/bench";
/** In one event of a hundred thousand, and once near the end. */
const rare = "needle-in-a-haystack";

const say = values.json ? () => {} : console.log;
const folder = await mkdtemp(join(values.directory, "lambdarium-bench-"));
try {
  const results = [];
  for (const count of [most / 1000, most / 100, most / 10, most].filter((size) => size >= Math.min(most, 10_000))) {
    results.push(await measure(count));
    say(`${results.at(-1).events} events: kept in ${(results.at(-1).keepMs / 1000).toFixed(1)} s`);
  }
  say(`\n${show(results)}`);
  if (values.json) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
    console.log(JSON.stringify({ machine, rounds, results }, null, 2));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(count) {
  const directory = join(folder, String(count));
  const limits = { maxBytes: 64 * 1024 ** 3, maxAgeMs: Infinity };
  const store = await openStore({ directory, limits, notice: console.error });
  const end = Date.now();
  const start = end - Math.round((count / eventsPerSecond) * 1000);
  const began = performance.now();
  await fill(store, count, start);
  const keepMs = performance.now() - began;
  const bytes = await sizeOf(directory);
  const questions = questionsOf(store, { start, end });
  const times = {};
  for (const [name, ask] of Object.entries(questions)) {
    const once = name === "everything";
    const samples = [];
    for (let round = 0; round < (once ? Math.min(rounds, 3) : rounds); round++) {
      const asked = performance.now();
      await ask();
      samples.push(performance.now() - asked);
    }
    times[name] = median(samples);
  }
  await store.close();
  const forgottenPerSecond = (count / forget(directory)) * 1000;
  await rm(directory, { recursive: true });
  const keptPerSecond = (count / keepMs) * 1000;
  return { events: count, keepMs, keptPerSecond, forgottenPerSecond, bytesPerEvent: bytes / count, times };
}

/** How long it takes until nothing is left of what has become too old, with the pauses in which the store serves others. */
function forget(directory) {
  const limits = { maxBytes: 64 * 1024 ** 3, maxAgeMs: 0 };
  const engine = new StoreEngine({ directory, limits, now: () => Date.now() + 1000 });
  const began = performance.now();
  let rounds = 1;
  while (engine.tidy()) rounds++;
  const tookMs = performance.now() - began + rounds * pauseMs;
  engine.close();
  return tookMs;
}

/** What was committed last is in a file of its own until SQLite moves it. */
async function sizeOf(directory) {
  const sizes = (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function fill(store, count, start) {
  const destinations = Array.from({ length: streams }, (_, at) => ({
    region,
    accountId: "123456789012",
    logGroup,
    logStream: `2026/11/23/[$LATEST]${String(at).padStart(32, "0")}`,
  }));
  for (let made = 0; made < count; made += 1000) {
    const rows = [];
    let bytes = 0;
    for (let at = made; at < Math.min(made + 1000, count); at++) {
      const timestamp = start + Math.round((at / eventsPerSecond) * 1000);
      const message = messageOf(at, at % 100_000 === 77_777 || at === count - 50);
      bytes += message.length + 26;
      rows.push({ to: destinations[Math.floor(at / 10) % streams], timestamp, ingestionTime: timestamp, message });
    }
    store.insert("logs", rows, bytes);
    // A host lets the store catch up too: it has invocations to make.
    if (made % 50_000 === 0) await store.flush();
  }
  await store.flush();
}

function messageOf(at, isRare) {
  const requestId = `c0ffee00-1111-4222-8333-${String(at).padStart(12, "0")}`;
  const text = isRare ? rare : `label printed for parcel ${at}`;
  return at % 2 === 0
    ? `2026-11-23T09:00:00.000Z\t${requestId}\tINFO\t${text}\n`
    : `{"level":"${at % 100 === 1 ? "ERROR" : "INFO"}","requestId":"${requestId}","message":"${text}","ms":${at % 977}}\n`;
}

function questionsOf(store, { start, end }) {
  const key = { region, logGroup };
  const search = { ...key, start, end, pattern: "", limit: 10_000, maxBytes: 1_048_576 };
  const minute = 60_000;
  return {
    /** `aws logs get-log-events`: the last hundred of a stream. */
    tail: () =>
      store.query("logs", "events", {
        ...key,
        logStream: `2026/11/23/[$LATEST]${"7".padStart(32, "0")}`,
        start: 0,
        end: end + 1,
        from: { kind: "tail" },
        limit: 100,
        maxBytes: 1_048_576,
      }),
    /** `aws logs tail --since 1m` */
    lastMinute: () => store.query("logs", "search", { ...search, start: end - minute }),
    /** `aws logs tail --follow`, once */
    follow: async () => {
      const last = await store.query("logs", "lastId", undefined);
      return store.query("logs", "newEvents", { groups: [key], pattern: "", after: last - 10, limit: 500 });
    },
    /** A rare term in the last hour. */
    lastHour: () => store.query("logs", "search", { ...search, start: end - 60 * minute, pattern: `"${rare}"` }),
    /** A selector in the last quarter of an hour. */
    selector: () =>
      store.query("logs", "search", {
        ...search,
        start: end - 15 * minute,
        pattern: '{ $.level = "ERROR" && $.ms > 500 }',
      }),
    /** A rare term in all there is, page by page. */
    everything: async () => {
      let after;
      do {
        const page = await store.query("logs", "search", {
          ...search,
          pattern: `"${rare}"`,
          ...(after === undefined ? {} : { after }),
        });
        after = page.next;
      } while (after !== undefined);
    },
  };
}

function show(results) {
  const growth = (value, before) => (before === undefined ? "" : ` (${(value / before).toFixed(1)} ×)`);
  const cell = (read, digits) => (result, at) =>
    `${read(result).toFixed(digits)}${growth(read(result), results[at - 1] === undefined ? undefined : read(results[at - 1]))}`;
  const columns = {
    "kept/s": cell((result) => result.keptPerSecond, 0),
    "forgotten/s": cell((result) => result.forgottenPerSecond, 0),
    "bytes/event": cell((result) => result.bytesPerEvent, 0),
    "tail ms": cell(({ times }) => times.tail, 2),
    "last minute ms": cell(({ times }) => times.lastMinute, 2),
    "follow ms": cell(({ times }) => times.follow, 2),
    "term, 1 h ms": cell(({ times }) => times.lastHour, 1),
    "selector, 15 min ms": cell(({ times }) => times.selector, 1),
    "term, all ms": cell(({ times }) => times.everything, 0),
  };
  const head = ["events", ...Object.keys(columns)];
  const rows = results.map((result, at) => [
    String(result.events),
    ...Object.values(columns).map((column) => column(result, at)),
  ]);
  return `In brackets: how many times what the store with a tenth of the events took.\n${table(head, rows)}`;
}
