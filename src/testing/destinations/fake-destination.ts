/** A back end on loopback that takes what an extension delivers, keeps it as plain records, and fails as it is told. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { failure } from "../../errors.ts";
import { durationOf } from "../duration.ts";
import { CurrentFault, type FaultOptions } from "./fault.ts";
import { judge } from "./judge.ts";
import { LoopbackServer } from "./loopback-server.ts";
import { readRequest } from "./read-request.ts";
import type { WireAnswer, WireFormat } from "./wire-format.ts";
import { type DestinationKind, type ReceivedRecords, wireFormats } from "./wire-formats.ts";
import { waitForDelivery, type WaitOptions } from "./wait-for-delivery.ts";
import type { Expected } from "../matchers/shape.ts";

export interface DestinationOptions {
  /** What it is called in messages and by `to`; default its kind. */
  readonly name?: string;
  /** A variable of your own extension's that gets the URL too, or several. */
  readonly variable?: string | readonly string[];
  /** After how long a freeze finds its connections closed (`env.freezeFor`): milliseconds or a text; default `60s`. */
  readonly idleTimeout?: number | string;
}

/** One request, as far as it came. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked. */
  readonly body: Buffer;
  /** How many records were in it, taken or not. */
  readonly records: number;
  /** What was answered; nothing while the answer is waited for, and where none came. */
  readonly status?: number;
  /** Why it was not taken, or not as it should be. */
  readonly problem?: string;
}

/** @throws LambdariumError `invalid-setting` for a kind there is no fake of. */
export async function openDestination<Kind extends DestinationKind>(
  kind: Kind,
  options: DestinationOptions = {},
): Promise<FakeDestination<Kind>> {
  const load = (wireFormats as Partial<Record<string, () => Promise<unknown>>>)[kind];
  if (load === undefined)
    throw failure("invalid-setting", {
      setting: "kind of destination",
      value: kind,
      why: `it is one of ${Object.keys(wireFormats).join(", ")}`,
    });
  const destination = new FakeDestination(kind, (await load()) as WireFormat<ReceivedRecords[Kind]>, options);
  await destination.recover();
  return destination;
}

export class FakeDestination<Kind extends DestinationKind = DestinationKind> {
  readonly kind: Kind;
  readonly name: string;
  readonly #format: WireFormat<ReceivedRecords[Kind]>;
  readonly #server: LoopbackServer;
  readonly #fault = new CurrentFault();
  readonly #variables: readonly string[];
  readonly #idleTimeoutMs: number;
  readonly #listeners = new Set<() => void>();
  #received: ReceivedRecords[Kind][] = [];
  #requests: ReceivedRequest[] = [];

  /** Use `createDestination`. */
  constructor(kind: Kind, format: WireFormat<ReceivedRecords[Kind]>, options: DestinationOptions) {
    this.kind = kind;
    this.name = options.name ?? kind;
    this.#format = format;
    this.#variables = [options.variable ?? []].flat();
    this.#idleTimeoutMs = durationOf("idleTimeout", options.idleTimeout ?? "60s");
    this.#server = new LoopbackServer(this.name, (request, response) => void this.#serve(request, response));
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return this.#urlAt("127.0.0.1");
  }

  /** What leads clients of this back end here: give it to the extension, or name the destination in `createEnvironment`. */
  get environment(): Readonly<Record<string, string>> {
    return this.environmentAt("127.0.0.1");
  }

  /** `environment`, where this machine goes by another name. */
  environmentAt(host: string): Readonly<Record<string, string>> {
    const url = this.#urlAt(host);
    return { ...this.#format.variables(url), ...Object.fromEntries(this.#variables.map((name) => [name, url])) };
  }

  /** The records that were taken so far, in order, as plain values. */
  get received(): readonly ReceivedRecords[Kind][] {
    return this.#received;
  }

  /** Every request so far, taken or not, in the order of their arrival. */
  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  /** Takes nothing and answers this status, in the back end's own words; default 500. */
  fail(status = 500, options?: FaultOptions): void {
    this.#fault.set({ kind: "status", status, why: "failed, as the test wants it" }, options);
  }

  /**
   * Takes nothing and answers this status with `Retry-After`, which counts whole seconds; default 429 and 1,000 ms. A back
   * end of AWS says 429 in its own way: 400 ThrottlingException, S3 503 SlowDown.
   */
  throttle(status = 429, afterMs = 1000, options?: FaultOptions): void {
    this.#fault.set({ kind: "status", status, why: "slow down, as the test wants it", retryAfterMs: afterMs }, options);
  }

  /** Takes records and answers by so much later, whether or not the client still waits: milliseconds or a text such as `5s`. */
  slow(by: number | string, options?: FaultOptions): void {
    this.#fault.set({ kind: "slow", ms: durationOf("slow", by) }, options);
  }

  /** Takes the records, and breaks off in the middle of its answer: the client cannot know, and may send them again. */
  half(options?: FaultOptions): void {
    this.#fault.set({ kind: "half" }, options);
  }

  /** Takes nothing and never answers. */
  silence(options?: FaultOptions): void {
    this.#fault.set({ kind: "silent" }, options);
  }

  /** Does not take these records, and says so as the back end does: by name inside a success, or of the whole request. */
  reject(which: (record: ReceivedRecords[Kind]) => boolean, options?: FaultOptions): void {
    this.#fault.set({ kind: "reject", which }, options);
  }

  /** Nobody listens: connections are refused, those there are end. Fulfilled when it is so. */
  async refuse(): Promise<void> {
    await this.#server.close();
  }

  /** Works again, at the same address. @throws LambdariumError `destination-not-listening` when its port is taken. */
  async recover(): Promise<void> {
    this.#fault.clear();
    await this.#server.open();
  }

  /** Resets all connections, as whatever lies between does with those that rested too long; gives how many there were. */
  cut(): number {
    return this.#server.cut();
  }

  /** What a freeze of so long does to connections; gives how many were cut. */
  frozenFor(ms: number): number {
    return ms < this.#idleTimeoutMs ? 0 : this.cut();
  }

  /**
   * Waits until records of these shapes were taken; gives those that match.
   * @throws AssertionError when they were not in time, with what came instead.
   */
  waitFor(expected: Expected, options: WaitOptions = {}): Promise<readonly ReceivedRecords[Kind][]> {
    return waitForDelivery(this, expected, options) as Promise<readonly ReceivedRecords[Kind][]>;
  }

  /** Calls back whenever records were taken; gives the way to stop it. */
  onReceived(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#received = [];
    this.#requests = [];
  }

  /** Ends it; what it received can still be read. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #urlAt(host: string): string {
    return `http://${host}:${this.#server.port}`;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) return;
    if ("why" in request) {
      this.#requests.push({ ...bare(incoming), records: 0, status: 415, problem: request.why });
      response.writeHead(415).end(request.why);
      return;
    }
    const fault = this.#fault.take();
    const { answer, records, taken, problem } = judge(this.#format, request, fault);
    const { method, path, headers, body } = request;
    const note: Note = { method, path, headers, body, records, ...(problem === undefined ? {} : { problem }) };
    this.#requests.push(note);
    if (fault?.kind === "silent") return;
    if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
    this.#take(taken);
    if (fault?.kind === "half") {
      breakOff(response, answer);
      return;
    }
    note.status = answer.status;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #take(records: readonly ReceivedRecords[Kind][]): void {
    this.#received.push(...records);
    for (const listener of this.#listeners) listener();
  }
}

/** Its status comes with the answer. */
type Note = { -readonly [Member in keyof ReceivedRequest]: ReceivedRequest[Member] };

const bare = ({ method = "", url = "" }: IncomingMessage) => ({
  method,
  path: url,
  headers: {},
  body: Buffer.alloc(0),
});

/** Promises a whole answer and ends the connection after half of it. */
function breakOff(response: ServerResponse, { status, headers, body = "" }: WireAnswer): void {
  const whole = Buffer.from(body.length === 0 ? "an answer" : (body as string));
  response.writeHead(status, { ...headers, "content-length": whole.length });
  response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => response.socket?.destroy());
}
