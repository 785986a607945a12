/** A platform in a process of its own, so that it is told apart from its callers: the service, or its floor. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";

export const payload = Buffer.from('{"hello":"world"}');

export class Served {
  /** `host` is a file of this folder that tells its port, and its processor time when it is asked. */
  static async start(host, settings) {
    const child = fork(fileURLToPath(new URL(`../${host}`, import.meta.url)), [JSON.stringify(settings)]);
    const [{ port }] = await once(child, "message");
    return new Served(child, port);
  }

  constructor(child, port) {
    this.child = child;
    this.port = port;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  }

  call(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const { port, agent } = this;
      const sent = request({ port, host: "127.0.0.1", method, path, headers, agent }, (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("end", () =>
          resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString("utf8") }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async invoke(name, headers) {
    const { status, text } = await this.call("POST", `/2015-03-31/functions/${name}/invocations`, payload, headers);
    if (status >= 300) throw new Error(`Invoke answered ${status}: ${text}`);
  }

  /** Waiting calls by so many callers, each of whom calls again as soon as it is answered. */
  async measure(callers, calls) {
    const times = [];
    let left = calls;
    const caller = async () => {
      while (left-- > 0) {
        const began = performance.now();
        await this.invoke("bench");
        times.push(performance.now() - began);
      }
    };
    const before = await this.#processorUs();
    const began = performance.now();
    await Promise.all(Array.from({ length: callers }, caller));
    const ms = performance.now() - began;
    return { times, ms, processorUs: (await this.#processorUs()) - before };
  }

  async stop() {
    this.agent.destroy();
    this.child.send("stop");
    await once(this.child, "exit");
  }

  async #processorUs() {
    this.child.send("processor time");
    const [{ us }] = await once(this.child, "message");
    return us;
  }
}
