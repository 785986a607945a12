/** A real broker as a process that can go down, stand still and come back, behind a passage that can lose its answers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A message as a reader of the broker's finds it. */
export interface Stored {
  readonly value: string;
  readonly id: string;
}

export interface Broker {
  /** The passage's address: what clients are given. */
  readonly address: string;
  readonly passage: Passage;
  /** Ends the process as a machine that is switched off. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** Takes connections and bytes, and does nothing with them. */
  standStill(): void;
  goOn(): void;
  close(): Promise<void>;
}

export const newDirectory = (): string => mkdtempSync("/tmp/lambdarium-broker-");

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the command, again after each time it went down; it is there when the port answers. */
export async function brokerProcess(
  command: readonly string[],
  port: number,
  passage: Passage,
  directory: string,
  isReady: () => Promise<boolean> = () => answers(port),
): Promise<Broker> {
  let child: ChildProcess | undefined;
  const comeBack = async (): Promise<void> => {
    const started = spawn(command[0]!, command.slice(1), { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [started.stdout, started.stderr])
      stream.on("data", (piece: Buffer) => (output = `${output}${piece.toString()}`.slice(-4000)));
    child = started;
    for (let tries = 0; !(await isReady()); tries += 1) {
      if (started.exitCode !== null || tries > 1200) throw new Error(`the broker did not start: ${output}`);
      await wait(50);
    }
  };
  const goDown = async (): Promise<void> => {
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    child = undefined;
  };
  await comeBack();
  return {
    address: `127.0.0.1:${passage.port}`,
    passage,
    goDown,
    comeBack,
    standStill: () => void child?.kill("SIGSTOP"),
    goOn: () => void child?.kill("SIGCONT"),
    async close() {
      await goDown();
      passage.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Bytes go through in both directions, as long as nobody wants otherwise. */
export class Passage {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #unanswered: string | undefined;
  /** Connections that were made so far. */
  connections = 0;

  private constructor(server: Server, to: number) {
    this.#server = server;
    server.on("connection", (client) => this.#pass(client, to));
  }

  static async to(port: number): Promise<Passage> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Passage(server, port);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What is sent with this text in it arrives; its answer is lost, once, and the connection with it. */
  loseAnswerTo(text: string): void {
    this.#unanswered = text;
  }

  /** Ends every connection, as whatever stands between a frozen environment and a broker does after minutes. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #pass(client: Socket, to: number): void {
    this.connections += 1;
    const broker = connect(to, "127.0.0.1");
    const end = (): void => {
      client.destroy();
      broker.destroy();
      this.#sockets.delete(client);
    };
    this.#sockets.add(client);
    for (const socket of [client, broker]) socket.on("error", end).on("close", end);
    let losesAnswer = false;
    client.on("data", (piece) => {
      if (this.#unanswered !== undefined && piece.includes(this.#unanswered)) {
        losesAnswer = true;
        this.#unanswered = undefined;
      }
      broker.write(piece);
    });
    broker.on("data", (piece) => {
      if (losesAnswer) end();
      else client.write(piece);
    });
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
