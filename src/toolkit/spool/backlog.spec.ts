import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sender } from "../delivery/sender.ts";
import {
  bodyOf,
  type Fault,
  line,
  origin,
  SimulatedDestination,
} from "../delivery/simulated-destination.spec-support.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import { Backlog, type BacklogSettings } from "./backlog.ts";

let room: string;
beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), "lambdarium-spool-"));
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

const newDirectory = (): string => mkdtempSync(join(room, "s-"));
const open = (directory: string | undefined, more: Partial<BacklogSettings> = {}): Backlog =>
  new Backlog({ directory, maxBytes: 64_000_000, maxAgeMs: 1e12, maxMemoryBytes: 4_000_000, ...more });
const add = (backlog: Backlog, texts: readonly string[], now = 0, id = ""): void => {
  const records = texts.map((text) => line(text));
  backlog.accept(records, bodyOf(records), id, now);
};
const texts = (backlog: Backlog): unknown[] => [...backlog.records()].map(({ record }) => record.record);
const spoolFiles = (directory: string): string[] => readdirSync(directory).filter((name) => name.endsWith(".spool"));

describe("a process after one that was killed", () => {
  test("finds everything that was not delivered, in order, and the ids of its batches", () => {
    const directory = newDirectory();
    const killed = open(directory);
    add(killed, ["a", "b"], 0, "id-1");
    add(killed, ["c"], 0, "id-2");
    const next = open(directory);
    expect(texts(next)).toEqual(["a", "b", "c"]);
    expect(next.sequenceIds).toEqual(["id-1", "id-2"]);
    expect(next.counts.read()).toMatchObject({ accepted: 3, pending: 3 });
  });

  test("goes on after the record that was delivered last", () => {
    const directory = newDirectory();
    const killed = open(directory);
    add(killed, ["a", "b", "c"]);
    add(killed, ["d", "e"]);
    killed.counts.delivered(4);
    killed.settle(4);
    expect(texts(open(directory))).toEqual(["e"]);
    killed.counts.delivered(1);
    killed.settle(1);
    expect(texts(open(directory))).toEqual([]);
  });

  test("knows each record by the id it had, and equal records of equal batches by different ones", () => {
    const directory = newDirectory();
    const killed = open(directory);
    add(killed, ["same", "same"]);
    add(killed, ["same"]);
    const ids = [...killed.records()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    killed.counts.delivered(1);
    killed.settle(1);
    expect([...open(directory).records()].map(({ id }) => id)).toEqual(ids.slice(1));
  });

  test("goes on where its predecessor's predecessor began", () => {
    const directory = newDirectory();
    add(open(directory), ["a", "b"]);
    const second = open(directory);
    second.settle(1);
    add(second, ["c"]);
    expect(texts(open(directory))).toEqual(["b", "c"]);
  });

  test("leaves out a batch that was written half: it was not answered, and comes again", () => {
    const directory = newDirectory();
    add(open(directory), ["a"]);
    const [file] = spoolFiles(directory);
    appendFileSync(join(directory, file!), "spool1 5 4000 0 -\n[{");
    expect(texts(open(directory))).toEqual(["a"]);
  });

  test.each(["", "no frame at all", "spool1 1 -5 0 -\n", "spool1 1 1e99 0 -\n\n\n"])(
    "is not disturbed by a file that contains %j",
    (content) => {
      const directory = newDirectory();
      writeFileSync(join(directory, "00000001.spool"), content);
      const backlog = open(directory);
      add(backlog, ["a"]);
      expect(texts(backlog)).toEqual(["a"]);
      expect(texts(open(directory))).toEqual(["a"]);
    },
  );
});

test("leaves nothing behind when everything is delivered", () => {
  const directory = newDirectory();
  const backlog = open(directory);
  add(backlog, ["a"]);
  backlog.settle(1);
  backlog.close();
  expect(() => statSync(directory)).toThrow("ENOENT");
});

test("gives the space of delivered batches back", () => {
  const directory = newDirectory();
  const backlog = open(directory);
  const large = "x".repeat(300_000);
  for (let at = 0; at < 20; at += 1) add(backlog, [large]);
  expect(spoolFiles(directory).length).toBeGreaterThan(3);
  backlog.settle(20);
  expect(spoolFiles(directory)).toEqual([]);
});

describe("bounds", () => {
  test("drops the oldest when the spool is full, and says so in their place in the stream", () => {
    const directory = newDirectory();
    const backlog = open(directory, { maxBytes: 3_000_000 });
    const large = "x".repeat(100_000);
    for (let at = 0; at < 60; at += 1) add(backlog, [`${at} ${large}`]);
    const bytes = spoolFiles(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(3_300_000);
    const { dropped, pending, droppedFor } = backlog.counts.read();
    expect(dropped + pending).toBe(60);
    expect(droppedFor).toEqual({ "spool full": dropped });
    backlog.tidy(0);
    expect([...backlog.records()].at(-1)?.record).toMatchObject({
      type: "toolkit.recordsDropped",
      record: { reason: "spool full", droppedRecords: dropped },
    });
  });

  test("never drops what is being sent", () => {
    const backlog = open(newDirectory(), { maxBytes: 1_500_000 });
    const large = "x".repeat(400_000);
    add(backlog, ["first", large]);
    add(backlog, ["second", large]);
    add(backlog, ["third", large]);
    add(backlog, ["fourth", large]);
    backlog.hold(5);
    for (let at = 0; at < 20; at += 1) add(backlog, [`${at}`, large]);
    expect(texts(backlog).slice(0, 6)).toEqual(["first", large, "second", large, "third", large]);
    backlog.settle(5);
    expect(texts(backlog)[0]).toBe(large);
  });

  test("drops what is too old", () => {
    const backlog = open(newDirectory(), { maxAgeMs: 1000 });
    add(backlog, ["old"], 0);
    add(backlog, ["young"], 900);
    backlog.tidy(1100);
    expect(texts(backlog)[0]).toBe("young");
    expect(backlog.counts.read().droppedFor).toEqual({ "too old": 1 });
  });

  test("holds no more in memory than it may, and reads the rest from its files", () => {
    const backlog = open(newDirectory(), { maxMemoryBytes: 1000 });
    const many = Array.from({ length: 50 }, (_, at) => `${at} ${"y".repeat(100)}`);
    for (const text of many) add(backlog, [text]);
    expect(texts(backlog)).toEqual(many);
  });

  test("counts and reports what a file that was taken away had in it", () => {
    const directory = newDirectory();
    const backlog = open(directory, { maxMemoryBytes: 0 });
    add(backlog, ["a", "b"]);
    for (const name of spoolFiles(directory)) rmSync(join(directory, name));
    expect(texts(backlog)).toEqual([]);
    expect(backlog.counts.read()).toMatchObject({ droppedFor: { "spool lost": 2 }, pending: 0 });
  });
});

describe("a disk that does not work", () => {
  const blocked = (): string => {
    const file = join(newDirectory(), "file");
    writeFileSync(file, "");
    return join(file, "spool");
  };

  test("leaves batches in memory, up to its bound, and counts what does not fit", () => {
    const backlog = open(blocked(), { maxMemoryBytes: 200 });
    add(backlog, ["a"]);
    expect(backlog.problem).toMatchObject({ code: "ENOTDIR" });
    add(backlog, ["b".repeat(300)]);
    expect(texts(backlog)).toEqual(["a"]);
    expect(backlog.counts.read()).toMatchObject({ accepted: 2, pending: 1, droppedFor: { "memory full": 1 } });
    backlog.settle(1);
    backlog.close();
  });
});

const faults = fc.constantFrom<Fault>("none", "down", "throws", "small", "picky", "half", "closed");
const word = fc.constantFrom("plain", "poison", "of no interest", "cannot be encoded", "z".repeat(3000));
const happenings = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("accept" as const),
      words: fc.array(word, { minLength: 1, maxLength: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("pass" as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("fault" as const), fault: faults }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("kill" as const) }) },
);

type Happening = typeof happenings extends fc.Arbitrary<infer T> ? T : never;

/** A spool, a destination with faults, and processes that are killed one after the other. */
class World {
  readonly to = new SimulatedDestination({ maxItems: 5, maxBytes: 2500 });
  readonly given = new Set<string>();
  readonly broken: string[] = [];
  readonly #directory = newDirectory();
  readonly #settings: Partial<BacklogSettings>;
  #number = 0;
  backlog: Backlog;
  #sender: Sender;

  constructor(settings: Partial<BacklogSettings>) {
    this.#settings = settings;
    this.backlog = open(this.#directory, settings);
    this.#sender = this.#connected();
  }

  async happens(each: Happening): Promise<void> {
    if (each.does === "accept") this.#accept(each.words);
    else if (each.does === "fault") this.to.fault = each.fault;
    else if (each.does === "pass") await this.pass();
    else this.#kill();
    const { accepted, delivered, leftOut, dropped, pending } = this.backlog.counts.read();
    if (accepted !== delivered + leftOut + dropped + pending) this.broken.push("the law");
    if ([...this.backlog.records()].length !== pending) this.broken.push("the number of what is pending");
  }

  async pass(): Promise<void> {
    this.backlog.tidy(0);
    await this.#sender.pass(new AbortController().signal);
  }

  #accept(words: readonly string[]): void {
    const records = words.map((text): TelemetryRecord => line(`${(this.#number += 1)} ${text}`));
    for (const { record } of records) this.given.add(JSON.stringify(record));
    this.backlog.accept(records, bodyOf(records), "", 0);
  }

  #kill(): void {
    const before = texts(this.backlog);
    this.backlog = open(this.#directory, this.#settings);
    if (texts(this.backlog).join() !== before.join()) this.broken.push("what a kill leaves behind");
    this.#sender = this.#connected();
  }

  #connected(): Sender {
    return new Sender(this.backlog, this.to, { origin, requestTimeoutMs: 1000, onDrop: () => undefined });
  }
}

test("accepted = delivered + left out + dropped + pending, whatever happens, and nothing is lost to a kill", async () => {
  const settings = fc.constantFrom({}, { maxBytes: 8000, maxMemoryBytes: 4000 });
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 40 }), settings, async (script, settings) => {
      const world = new World(settings);
      for (const each of script) await world.happens(each);
      world.to.fault = "none";
      await world.pass();
      expect(world.backlog.counts.pending).toBe(0);
      expect(world.broken).toEqual([]);
      const lines = world.to.taken.filter((body) => body.startsWith('"'));
      expect(lines.filter((body) => !world.given.has(body))).toEqual([]);
      world.backlog.close();
    }),
    { numRuns: 150 },
  );
});

test("keeps what it says in readable form", () => {
  const directory = newDirectory();
  add(open(directory), ["a"], 1234, "the-id");
  const [file] = spoolFiles(directory);
  expect(readFileSync(join(directory, file!), "utf8")).toMatch(/^spool1 1 \d+ 1234 the-id \S+\n\[\{/);
});
