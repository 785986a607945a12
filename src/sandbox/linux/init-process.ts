/** Our side of a sandbox's init program: gives its orders and hands its answers to whoever waits for them. */
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import {
  endAllOrder,
  goOrder,
  lookOrder,
  orderAtMostBytes,
  parseAnswer,
  signalAllOrder,
  socketOrder,
  startOrder,
} from "./orders.ts";
import type { Answer, SocketWish, StartOrder } from "./orders.ts";

export interface Made {
  /** Names the program in all that follows. */
  readonly id: number;
  /** Its process id inside the sandbox. */
  readonly pid: number;
  /** Descriptors of the init program from which its outputs can be read. */
  readonly reads: readonly number[];
  /** Its wait status, `undefined` when it is lost with the whole sandbox. */
  readonly ended: Promise<number | undefined>;
}

type AnswerOf<Kind extends Answer["kind"]> = Extract<Answer, { readonly kind: Kind }>;
type Waiting = (answer: Answer | Error) => void;

export class InitProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();
  readonly #ends = new Map<number, (status: number | undefined) => void>();
  readonly #sockets = new Map<number, (handle: unknown) => void>();
  /** Resolves when the process that we started is gone, and with it all others of the sandbox. */
  readonly gone: Promise<void>;
  #lastSocket: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #broken: Error | undefined;

  /** Takes over a child with pipes for its first two descriptors, standard error and a channel (`ipc`). */
  constructor(child: ChildProcess) {
    this.#child = child;
    let complaint = "";
    let rest = "";
    child.stdout?.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => this.#hear(line));
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-2000)));
    child.stdin?.on("error", () => undefined);
    child.on("message", (id: number, handle: unknown) => this.#sockets.get(id)?.(handle));
    this.gone = new Promise((resolve) => {
      const end = (error?: Error): void => {
        const why = error?.message ?? (complaint.trim() || "it ended");
        this.#break(new Error(why));
        resolve();
      };
      child.once("error", end);
      // Not `close`: the channel is still open when a frozen relative of the monitor holds it.
      child.once("exit", () => setImmediate(end));
    });
  }

  /** Resolves when the program serves. @throws Error with what was complained about when it ends instead. */
  async ready(): Promise<void> {
    await this.#answer("ready", 0);
  }

  /** Makes a process that waits for `go`. @throws Error with an errno as `errno` when none can be made. */
  async make(order: StartOrder): Promise<Made> {
    const id = this.#nextId++;
    const bytes = startOrder(id, order);
    if (bytes.length > orderAtMostBytes) {
      throw Object.assign(new Error("the arguments are too long"), { errno: constants.errno.E2BIG });
    }
    const made = this.#answer("made", id);
    // From now on: it may be killed before we have looked at it.
    const ended = new Promise<number | undefined>((resolve) => this.#ends.set(id, resolve));
    this.#order(bytes);
    const { pid, reads } = await made;
    return { id, pid, reads, ended };
  }

  /** Lets it execute its program. @throws Error with an errno as `errno` when the kernel refuses that. */
  async go(id: number): Promise<void> {
    const runs = this.#answer("runs", id);
    this.#order(goOrder(id));
    await runs;
  }

  /** What lies at a path, as programs see it. */
  async look(path: string): Promise<AnswerOf<"looked">["found"]> {
    const id = this.#nextId++;
    const looked = this.#answer("looked", id);
    this.#order(lookOrder(id, path));
    return (await looked).found;
  }

  /** Makes a socket inside; gives it as the handle that Node.js has for it. @throws Error */
  async socket(wish: SocketWish): Promise<unknown> {
    // One after the other: Node.js takes one handle at a time from a channel.
    const mine = this.#lastSocket.then(async () => this.#requestSocket(wish));
    this.#lastSocket = mine.catch(() => undefined);
    return mine;
  }

  /** Ends all other processes; `signalled` is called when none of them runs another step, before they are gone. */
  async endAll(signalled: () => void): Promise<void> {
    const id = this.#nextId++;
    const answers = [this.#answer("signalled", id).then(signalled), this.#answer("alone", id)];
    this.#order(endAllOrder(id));
    await Promise.all(answers);
  }

  /** Sends a signal to all programs, whatever group they are in. */
  signalAll(signal: number): void {
    this.#order(signalAllOrder(0, signal));
  }

  /** Ends the init program, and by that everything in the sandbox; resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.stdin?.destroy();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    await this.gone;
    clearTimeout(late);
  }

  async #requestSocket(wish: SocketWish): Promise<unknown> {
    const id = this.#nextId++;
    try {
      return await new Promise((resolve, reject) => {
        this.#sockets.set(id, resolve);
        this.#answer("no socket", id).catch(reject);
        this.#order(socketOrder(id, wish));
      });
    } finally {
      this.#sockets.delete(id);
      this.#waiting.delete(`no socket ${id}`);
    }
  }

  #order(bytes: Buffer): void {
    this.#child.stdin?.write(bytes);
  }

  async #answer<Kind extends Answer["kind"]>(kind: Kind, id: number): Promise<AnswerOf<Kind>> {
    return new Promise((resolve, reject) => {
      const key = `${kind} ${id}`;
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      this.#waiting.set(key, (answer) => {
        this.#waiting.delete(key);
        if (answer instanceof Error) {
          reject(answer);
        } else {
          resolve(answer as AnswerOf<Kind>);
        }
      });
    });
  }

  #hear(line: string): void {
    const answer = parseAnswer(line);
    if (answer === undefined) {
      return;
    }
    if (answer.kind === "ended") {
      this.#ends.get(answer.id)?.(answer.status);
      this.#ends.delete(answer.id);
    } else if (answer.kind === "refused" || answer.kind === "no socket") {
      const error = Object.assign(new Error(`errno ${answer.errno}`), { errno: answer.errno });
      ["made", "runs", "no socket"].forEach((kind) => this.#waiting.get(`${kind} ${answer.id}`)?.(error));
      this.#ends.delete(answer.id);
    } else {
      this.#waiting.get(`${answer.kind} ${"id" in answer ? answer.id : 0}`)?.(answer);
    }
  }

  #break(error: Error): void {
    this.#broken ??= error;
    [...this.#waiting.values()].forEach((waiting) => waiting(error));
    [...this.#ends.values()].forEach((end) => end(undefined));
    this.#ends.clear();
  }
}

/** A sandbox goes in a few milliseconds; what is not gone then is stuck in the kernel. */
const patienceMs = 5000;
