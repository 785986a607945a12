// The floor: the same programs and the same HTTP exchanges against a server that knows nothing but who waits. It
// checks nothing, records nothing, times nothing, freezes nothing; whatever Lambdarium takes beyond it is the platform.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const bootstrap = fileURLToPath(new URL("../../dist/runtimes/nodejs/bootstrap.js", import.meta.url));

/** `onTelemetry` is told the JSON body of a subscription. */
export class Floor {
  #server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true });
  #processes = [];
  #parkedRuntime;
  #parkedExtensions = [];
  #extensions = 0;
  #registered = 0;
  #invocation;
  #whenReady = () => {};
  #whenRegistered = () => {};
  #onTelemetry;

  constructor({ onTelemetry = () => {} } = {}) {
    this.#onTelemetry = onTelemetry;
    this.#server.on("request", (request, response) => this.#serve(request, response));
  }

  /** Starts the extensions, and when all have registered the runtime, as Lambda does; resolves when both wait. */
  async start({ functionDirectory, extensions, stdout = "ignore", environment = {} }) {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = `127.0.0.1:${this.#server.address().port}`;
    const variables = { PATH: process.env.PATH, AWS_LAMBDA_RUNTIME_API: address, ...environment };
    this.#extensions = extensions.length;
    const registered = new Promise((resolve) => (this.#whenRegistered = resolve));
    const ready = new Promise((resolve) => (this.#whenReady = resolve));
    for (const file of extensions) this.#spawn(file, [], variables, "ignore");
    if (extensions.length > 0) await registered;
    const runtime = { ...variables, _HANDLER: "index.handler", LAMBDA_TASK_ROOT: functionDirectory };
    const started = this.#spawn(process.execPath, [...heapFlags, bootstrap], runtime, stdout);
    await ready;
    return started;
  }

  /** `answered` when the response is there, `done` when all wait for the next event. */
  invoke(payload) {
    const id = randomUUID();
    const answered = withResolvers();
    const done = new Promise((resolve) => (this.#whenReady = resolve));
    this.#invocation = answered;
    const event = JSON.stringify({ eventType: "INVOKE", requestId: id, deadlineMs: Date.now() + 3000 });
    for (const parked of this.#parkedExtensions.splice(0)) answer(parked, 200, event);
    const runtime = this.#parkedRuntime;
    this.#parkedRuntime = undefined;
    answer(runtime, 200, payload, "Lambda-Runtime-Aws-Request-Id", id);
    return { answered: answered.promise, done };
  }

  async stop() {
    for (const child of this.#processes) child.kill("SIGKILL");
    await Promise.all(this.#processes.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit")));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #spawn(file, args, env, stdout) {
    const child = spawn(file, args, { env, stdio: ["ignore", stdout, "inherit"], detached: true });
    this.#processes.push(child);
    return child;
  }

  #serve(request, response) {
    if (request.url.endsWith("/invocation/next")) {
      this.#parkedRuntime = response;
      this.#settle();
    } else if (request.url.endsWith("/event/next")) {
      this.#parkedExtensions.push(response);
      this.#settle();
    } else {
      collect(request, (body) => this.#receive(request.url, body, response));
    }
  }

  #receive(url, body, response) {
    if (url.endsWith("/response")) {
      this.#invocation.resolve(body);
      answer(response, 202, '{"status":"OK"}\n');
    } else if (url.endsWith("/register")) {
      answer(response, 200, "{}", "Lambda-Extension-Identifier", randomUUID());
      if (++this.#registered === this.#extensions) this.#whenRegistered();
    } else {
      this.#onTelemetry(JSON.parse(body.toString("utf8")));
      answer(response, 200, "OK");
    }
  }

  #settle() {
    if (this.#parkedRuntime !== undefined && this.#parkedExtensions.length === this.#extensions) this.#whenReady();
  }
}

/** What Lambda gives a function of 128 MB; the same that Lambdarium starts Node.js with. */
const heapFlags = ["--max-semi-space-size=6", "--max-old-space-size=115"];

function answer(response, status, body, ...headers) {
  response.writeHead(status, [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(Buffer.byteLength(body)),
    ...headers,
  ]);
  response.end(body);
}

function collect(request, done) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => done(Buffer.concat(chunks)));
}

function withResolvers() {
  let resolve;
  const promise = new Promise((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}

/** As a contender of `bench/invoke.mjs`. */
export const floor = {
  name: "floor",
  takesExtensions: true,
  async start({ functionDirectory, extensions }) {
    const platform = new Floor();
    await platform.start({ functionDirectory, extensions });
    return {
      async invoke(payload) {
        const { answered, done } = platform.invoke(payload);
        await answered;
        const answeredAt = performance.now();
        await done;
        return answeredAt;
      },
      stop: () => platform.stop(),
    };
  },
};
