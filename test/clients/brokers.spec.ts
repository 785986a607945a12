/** Extensions that deliver to real brokers, and what goes wrong between them: nothing is lost, nothing comes twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  built,
  exits,
  numbered,
  ownLines,
  recordsIn,
  shipperName,
  type Shipping,
  shipping,
} from "../fixtures/toolkit/shipping.ts";
import type { Broker, Stored } from "./broker-process.ts";
import { describeClient } from "./installed-client.ts";
import { kafkaBroker } from "./kafka-broker.ts";
import { natsBroker, ship } from "./nats-broker.ts";

/** Something that takes messages, and one place of its own in it for each test. */
interface Place {
  readonly broker: Broker;
  /** The destination as an extension makes it, as code. */
  readonly to: string;
  read(): Promise<readonly Stored[]>;
}

let places = 0;

const kinds: readonly { readonly client: string; readonly open: (installed: string) => Promise<OpenBroker> }[] = [
  {
    client: "kafka",
    async open(installed) {
      const broker = await kafkaBroker(installed);
      return {
        broker,
        async place() {
          const topic = `telemetry-${(places += 1)}`;
          await broker.create(topic, 3);
          // Readable on its way, so that the passage can find a line in it.
          const settings = JSON.stringify({
            brokers: broker.address,
            topic,
            key: "environment",
            compression: "none",
          });
          const to = `(await import(${built("destinations/kafka")})).kafka(${settings})`;
          return { broker, to, read: () => broker.read(topic) };
        },
      };
    },
  },
  {
    client: "nats-server",
    async open(installed) {
      const broker = await natsBroker(installed);
      return {
        broker,
        async place() {
          const stream = `telemetry-${(places += 1)}`;
          await broker.create(stream);
          const settings = JSON.stringify({ servers: broker.address, subject: `${stream}.orders`, ...ship });
          const to = `(await import(${built("destinations/nats")})).nats(${settings})`;
          return { broker, to, read: () => broker.read(stream) };
        },
      };
    },
  },
];

interface OpenBroker {
  readonly broker: Broker;
  readonly place: () => Promise<Place>;
}

const leftByItself = [{ name: shipperName, exit: { code: 0, signal: null } }];

const ships = ({ to }: Place, deliver = ""): Promise<Shipping> => shipping(`${deliver} to: ${to}`);

const linesIn = (stored: readonly Stored[]): unknown[] =>
  stored
    .map(({ value }) => JSON.parse(value) as { type: string; record: string })
    .filter(({ type }) => type === "function")
    .map(({ record }) => record.trimEnd());

const reportsIn = (stored: readonly Stored[]): number =>
  stored.filter(({ value }) => value.includes('"type":"platform.report"')).length;

const idsIn = (stored: readonly Stored[]): readonly string[] => stored.map(({ id }) => id);

for (const { client, open } of kinds)
  describeClient(client, (installed) => {
    let opened: OpenBroker;
    beforeAll(async () => {
      opened = await open(installed);
    });
    afterAll(async () => opened.broker.close());

    test("gets each record once, in order, the last report included, and no spool is left", async () => {
      const place = await opened.place();
      const it = await ships(place);
      for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: 2 });
      await it.environment.shutdown();
      const stored = await place.read();
      expect(linesIn(stored)).toEqual(numbered(1, 6));
      expect(reportsIn(stored)).toBe(3);
      expect(new Set(idsIn(stored)).size).toBe(stored.length);
      expect(exits(it.environment)).toEqual(leftByItself);
      expect(ownLines(it.environment)).toEqual([]);
      expect(() => recordsIn(it.spool)).toThrow("ENOENT");
    });

    test("is down for ten invocations, then back: everything arrives once and in order", async () => {
      const place = await opened.place();
      const it = await ships(place);
      await it.environment.invoke();
      await place.broker.goDown();
      for (let at = 0; at < 10; at += 1) await it.environment.invoke({ lines: 3 });
      await place.broker.comeBack();
      await it.environment.invoke({ lines: 3 });
      await it.environment.shutdown();
      const stored = await place.read();
      expect(linesIn(stored)).toEqual(numbered(1, 34));
      expect(reportsIn(stored)).toBe(12);
      expect(new Set(idsIn(stored)).size).toBe(stored.length);
      expect(exits(it.environment)).toEqual(leftByItself);
    });

    test("stands still at SHUTDOWN: the extension leaves by itself, the rest is in the spool and counted", async () => {
      const place = await opened.place();
      const it = await ships(place);
      await it.environment.invoke();
      place.broker.standStill();
      await it.environment.invoke({ lines: 5 });
      await it.environment.shutdown();
      place.broker.goOn();
      expect(exits(it.environment)).toEqual(leftByItself);
      const told = ownLines(it.environment).find((line) => line.includes("left in the spool"));
      const [, accepted, delivered, left] = /of (\d+) records (\d+) delivered, (\d+) left/.exec(told!)!.map(Number);
      expect(left).toBeGreaterThanOrEqual(7);
      expect(accepted).toBe(delivered! + left!);
      expect(recordsIn(it.spool)).toBe(left);
    });

    test("has cut connections that nobody used during a freeze: the next invocation's records arrive as ever", async () => {
      const place = await opened.place();
      const it = await ships(place);
      await it.environment.invoke();
      await it.environment.freeze();
      const before = place.broker.passage.connections;
      // Longer than the broker keeps a connection that says nothing.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await it.environment.invoke();
      await it.environment.shutdown();
      expect(place.broker.passage.connections).toBeGreaterThan(before);
      expect(linesIn(await place.read())).toEqual(numbered(1, 2));
      expect(ownLines(it.environment)).toEqual([]);
    });

    test("has stored a request whose answer was lost: it comes again, and is there once", async () => {
      const place = await opened.place();
      const it = await ships(place);
      await it.environment.invoke();
      place.broker.passage.loseAnswerTo("line 3");
      const before = place.broker.passage.connections;
      await it.environment.invoke({ lines: 3 });
      expect(place.broker.passage.connections).toBeGreaterThan(before);
      await it.environment.invoke();
      await it.environment.shutdown();
      const stored = await place.read();
      expect(linesIn(stored)).toEqual(numbered(1, 5));
      expect(new Set(idsIn(stored)).size).toBe(stored.length);
    });
  });
