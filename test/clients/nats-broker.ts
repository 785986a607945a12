/** nats-server with JetStream, and its streams as another client finds them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Broker, brokerProcess, freePort, newDirectory, Passage, type Stored } from "./broker-process.ts";

export interface NatsBroker extends Broker {
  create(stream: string, settings?: object): Promise<void>;
  read(stream: string): Promise<readonly (Stored & { readonly headers: string; readonly subject: string })[]>;
}

/** `installed` is where the client `nats-server` was installed. */
export async function natsBroker(installed: string): Promise<NatsBroker> {
  const directory = newDirectory();
  const port = await freePort();
  const passage = await Passage.to(port);
  const file = join(directory, "server.conf");
  // The pings that a frozen client does not answer come after a second, not after two minutes.
  writeFileSync(
    file,
    `listen: "127.0.0.1:${port}"
ping_interval: "1s"
ping_max: 1
jetstream { store_dir: ${JSON.stringify(join(directory, "data"))} }
authorization { users: [
  { user: ship, password: "not-a-secret" }
  { user: reader, password: "not-a-secret", permissions: { publish: ["elsewhere.>"], subscribe: [">"] } }
] }
`,
  );
  const ready = (): Promise<boolean> => hasJetStream(port);
  const broker = await brokerProcess([join(installed, "nats-server"), "-c", file], port, passage, directory, ready);
  return {
    ...broker,
    create: (stream, settings = {}) =>
      connected(port, async (connection) => {
        await ask(connection, `STREAM.CREATE.${stream}`, {
          name: stream,
          subjects: [`${stream}.>`],
          ...settings,
        });
      }),
    read: (stream) =>
      connected(port, async (connection) => {
        const { state } = await ask(connection, `STREAM.INFO.${stream}`);
        const { messages, first_seq: first } = state as { messages: number; first_seq: number };
        const numbers = Array.from({ length: messages }, (_, at) => first + at);
        const found = await Promise.all(
          numbers.map(async (seq) => await ask(connection, `STREAM.MSG.GET.${stream}`, { seq })),
        );
        return found.map(({ message }) => messageIn(message as { data: string; hdrs?: string; subject: string }));
      }),
  };
}

/** Who may publish, and who may not. */
export const ship = { user: "ship", password: "not-a-secret" };
export const reader = { user: "reader", password: "not-a-secret" };

function messageIn({ data, hdrs = "", subject }: { data: string; hdrs?: string; subject: string }) {
  const headers = Buffer.from(hdrs, "base64").toString();
  const id = /^Nats-Msg-Id: (.*)\r$/m.exec(headers)?.[1] ?? "";
  return { value: Buffer.from(data, "base64").toString(), id, headers, subject };
}

async function ask(connection: NatsConnection, what: string, body: object = {}): Promise<Record<string, unknown>> {
  const answer = (await connection.request(`$JS.API.${what}`, JSON.stringify(body))).json();
  if ((answer as { error?: object }).error !== undefined) throw new Error(JSON.stringify(answer));
  return answer as Record<string, unknown>;
}

async function connected<Value>(port: number, work: (connection: NatsConnection) => Promise<Value>): Promise<Value> {
  const connection = await connect({ servers: `127.0.0.1:${port}`, user: ship.user, pass: ship.password });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

async function hasJetStream(port: number): Promise<boolean> {
  try {
    await connected(port, (connection) => ask(connection, "INFO"));
    return true;
  } catch {
    return false;
  }
}
