/** A server of somebody else, started for a test and ended by its process id. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, connect } from "node:net";

export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Not asked nicely: as when a machine fails. */
  readonly kill: () => Promise<void>;
}

export interface ServerCommand {
  readonly program: string;
  /** Given the port it has to listen on. */
  readonly args: (port: number) => readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Default one that is free. */
  readonly port?: number;
}

/** Listening when this is fulfilled. @throws Error with what it wrote when it ends instead */
export async function startServer(command: ServerCommand): Promise<LocalServer> {
  const port = command.port ?? (await freePort());
  const child = spawn(command.program, command.args(port), {
    cwd: command.directory,
    env: { ...process.env, ...command.variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  let written = "";
  child.stdout.on("data", (chunk) => (written += String(chunk)));
  child.stderr.on("data", (chunk) => (written += String(chunk)));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${command.program} ended: ${written}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: `http://127.0.0.1:${port}`, port, kill, [Symbol.asyncDispose]: kill };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
