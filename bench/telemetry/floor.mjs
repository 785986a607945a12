// The floor: reads the same pipe, splits it into lines and posts the same batches. It drops nothing, retries nothing,
// counts nothing but lines; whatever Lambdarium takes beyond it is the platform.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMkfifo, PipeSupply } from "../../dist/sandbox/process/output-pipes.js";
import { Floor } from "../contenders/floor.mjs";

export async function startFloor({ functionDirectory, extensions, environment }) {
  const folder = await mkdtemp(join(tmpdir(), "lambdarium-bench-pipe-"));
  const [{ source, writeDescriptor }] = await new PipeSupply(findMkfifo(), join(folder, "pipes")).take(1);
  const subscribers = [];
  const platform = new Floor({ onTelemetry: (wanted) => subscribers.push(subscriberOf(wanted)) });
  await platform.start({ functionDirectory, extensions, environment, stdout: writeDescriptor });
  closeSync(writeDescriptor);
  const batches = new Batches((body, lines) => subscribers.forEach((subscriber) => subscriber.send(body, lines)));
  source.on("data", (bytes) => batches.accept(bytes));
  return {
    async write(lines) {
      await platform.invoke(JSON.stringify({ lines })).done;
    },
    async drained(lines) {
      for (const subscriber of subscribers) await subscriber.delivered(lines);
    },
    counters: () => ({ produced: batches.lines, delivered: batches.lines, dropped: 0, queued: 0 }),
    async stop() {
      source.destroy();
      for (const subscriber of subscribers) subscriber.close();
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const maxLines = 10_000;
const maxBytes = 1_048_576;
const timeoutMs = 25;

class Batches {
  lines = 0;
  #decoder = new TextDecoder();
  #held = "";
  #events = [];
  #bytes = 0;
  #timer;
  #give;

  constructor(give) {
    this.#give = give;
  }

  accept(bytes) {
    const head = `{"time":"${new Date().toISOString()}","type":"function","record":`;
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.#add(`${head}${JSON.stringify(text.slice(from, end + 1))}}`);
      from = end + 1;
    }
    this.#held = text.slice(from);
  }

  #add(event) {
    this.#timer ??= setTimeout(() => this.#flush(), timeoutMs);
    this.#events.push(event);
    this.#bytes += event.length;
    this.lines++;
    if (this.#events.length >= maxLines || this.#bytes >= maxBytes) this.#flush();
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#give(this.#events, this.#events.length);
    this.#events = [];
    this.#bytes = 0;
  }
}

/** Sends one batch after another, each when the one before was taken. */
class Subscriber {
  #post;
  #waiting = [];
  #busy = false;
  #taken = 0;
  #wake = () => {};
  close;

  constructor(post, close) {
    this.#post = post;
    this.close = close;
  }

  send(events, lines) {
    this.#waiting.push({ events, lines });
    if (!this.#busy) void this.#sendAll();
  }

  async delivered(lines) {
    while (this.#taken < lines) await new Promise((resolve) => (this.#wake = resolve));
  }

  async #sendAll() {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#post(next.events);
      this.#taken += next.lines;
      this.#wake();
    }
    this.#busy = false;
  }
}

const subscriberOf = ({ destination }) =>
  destination.protocol === "TCP" ? overTcp(destination.port) : overHttp(new URL(destination.URI).port);

function overHttp(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (events) =>
    new Promise((resolve, reject) => {
      const body = `[${events.join(",")}]`;
      const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
      const sent = request({ agent, host: "127.0.0.1", port, method: "POST", path: "/", headers }, (answer) => {
        answer.resume();
        answer.on("end", resolve);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return new Subscriber(post, () => agent.destroy());
}

function overTcp(port) {
  const socket = connect(port, "127.0.0.1");
  const connected = once(socket, "connect");
  const post = async (events) => {
    await connected;
    await new Promise((resolve) => socket.write(`${events.join("\n")}\n`, resolve));
  };
  return new Subscriber(post, () => socket.destroy());
}
