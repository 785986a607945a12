/** Apache Kafka, one broker of its own in KRaft mode, with a listener for each way to come in. */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Broker, brokerProcess, freePort, newDirectory, Passage, type Stored } from "./broker-process.ts";

export interface KafkaMessage extends Stored {
  readonly key: string | null;
  readonly partition: number;
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KafkaBroker extends Broker {
  /** Without a passage: where who comes in must say who they are. */
  readonly saslAddress: string;
  readonly tlsAddress: string;
  /** The certificate of the TLS listener, which signs itself. */
  readonly certificate: string;
  create(topic: string, partitions?: number, configs?: readonly string[]): Promise<void>;
  read(topic: string): Promise<readonly KafkaMessage[]>;
  /** Of every client together. */
  limitBytesPerSecond(bytes: number): Promise<void>;
}

const run = promisify(execFile);
const password = "not-a-secret";

/** `installed` is where the client `kafka` was installed. */
export async function kafkaBroker(installed: string): Promise<KafkaBroker> {
  const directory = newDirectory();
  const [port, controller, direct, sasl, tls] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
  const passage = await Passage.to(port!);
  const classPath = `${join(installed, "lib")}/*:${join(installed, "classes")}`;
  const store = join(directory, "broker.p12");
  const certificate = await newCertificate(store);
  const jaas = "org.apache.kafka.common.security";
  const settings = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `PASSAGE://127.0.0.1:${port},DIRECT://127.0.0.1:${direct},SASL://127.0.0.1:${sasl},TLS://127.0.0.1:${tls},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PASSAGE://127.0.0.1:${passage.port},DIRECT://127.0.0.1:${direct},SASL://127.0.0.1:${sasl},TLS://127.0.0.1:${tls}`,
    "listener.security.protocol.map":
      "PASSAGE:PLAINTEXT,DIRECT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "DIRECT",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": join(directory, "data"),
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    // The records of tests bear times that were long ago.
    "log.retention.ms": "-1",
    // What ten minutes do to a connection that nobody uses, after a second and a half.
    "connections.max.idle.ms": "1500",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    "listener.name.sasl.plain.sasl.jaas.config": `${jaas}.plain.PlainLoginModule required user_alice="${password}";`,
    "listener.name.sasl.scram-sha-256.sasl.jaas.config": `${jaas}.scram.ScramLoginModule required;`,
    "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${jaas}.scram.ScramLoginModule required;`,
    "listener.name.sasl.oauthbearer.sasl.jaas.config": `${jaas}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    "ssl.keystore.location": store,
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.password": password,
    "ssl.key.password": password,
  };
  const file = join(directory, "server.properties");
  writeFileSync(
    file,
    Object.entries(settings)
      .map((pair) => `${pair.join("=")}\n`)
      .join(""),
  );
  const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=alice,password=${password}]`,
  ]);
  const format = ["format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", file, ...scram];
  await run("java", ["-cp", classPath, "kafka.tools.StorageTool", ...format]);
  const topics = async (...words: readonly string[]): Promise<string> => {
    const args = [
      "-Xmx128m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      classPath,
      "Topics",
      `127.0.0.1:${direct}`,
      ...words,
    ];
    return (await run("java", args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  };
  const java = ["java", "-Xmx256m", "-cp", classPath, "kafka.Kafka", file];
  const broker = await brokerProcess(java, port!, passage, directory);
  // A new cluster has no producer ids at first.
  await topics("create", "first", "1");
  await topics("write", "first", "a message");
  return {
    ...broker,
    saslAddress: `127.0.0.1:${sasl}`,
    tlsAddress: `localhost:${tls}`,
    certificate,
    async create(topic, partitions = 1, configs = []) {
      await topics("create", topic, String(partitions), ...configs);
    },
    async read(topic) {
      const lines = (await topics("read", topic)).split("\n").filter((line) => line.startsWith("{"));
      return lines.map((line) => {
        const message = JSON.parse(line) as KafkaMessage;
        return { ...message, id: message.headers["record-id"] ?? "" };
      });
    },
    async limitBytesPerSecond(bytes) {
      await topics("quota", String(bytes));
    },
  };
}

/** The name and password that the SASL listener knows. */
export const alice = { username: "alice", password };

async function newCertificate(store: string): Promise<string> {
  const of = ["-keystore", store, "-storetype", "PKCS12", "-storepass", password, "-alias", "broker"];
  const named = ["-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-validity", "2"];
  await run("keytool", ["-genkeypair", "-keyalg", "EC", ...of, ...named]);
  const pem = `${store}.pem`;
  execFileSync("keytool", ["-exportcert", "-rfc", ...of, "-file", pem], { stdio: "ignore" });
  return readFileSync(pem, "utf8");
}
