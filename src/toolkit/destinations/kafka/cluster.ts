/** What is known of a cluster, and the connections to it: made when they are needed, given up when they cannot be trusted. */
import { BrokerConnection, type BrokerAddress, type KafkaTls } from "./broker-connection.ts";
import { KafkaRefusal } from "./fates.ts";
import { type Metadata, metadataRequest, produceVersionRequest, produceVersions } from "./requests.ts";
import { authenticate, type KafkaSasl } from "./sasl.ts";

export interface ClusterSettings {
  /** `host:port` of some; the others are learned. */
  readonly brokers: string | readonly string[] | undefined;
  /** How brokers name this client in their logs and quotas; default `lambdarium`. */
  readonly clientId?: string;
  /** True takes the system's authorities. */
  readonly tls?: boolean | KafkaTls;
  /** Who we are; default nobody, for brokers that ask for no name. */
  readonly sasl?: KafkaSasl;
}

export interface Broker {
  readonly connection: BrokerConnection;
  readonly produceVersion: number;
}

export class Cluster {
  readonly #settings: ClusterSettings;
  readonly #brokers = new Map<string, Promise<Broker>>();
  readonly #open = new Set<BrokerConnection>();
  readonly #topics = new Map<string, Metadata>();
  #learned: readonly BrokerAddress[] = [];

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
  }

  /** @throws KafkaRefusal where the topic is missing or not allowed. */
  async topic(name: string, signal: AbortSignal): Promise<Metadata> {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const { connection } = await this.any(signal);
    const metadata = await connection.ask(metadataRequest(name));
    if (metadata.topicError !== 0) throw new KafkaRefusal(metadata.topicError, `topic ${name}`);
    this.#learned = metadata.brokers;
    this.#topics.set(name, metadata);
    return metadata;
  }

  /** A broker that can be asked anything. */
  async any(signal: AbortSignal): Promise<Broker> {
    const named = [this.#settings.brokers ?? []].flat().map(addressOf);
    let problem: unknown;
    for (const address of [...named, ...this.#learned]) {
      try {
        return await this.at(address, signal);
      } catch (error) {
        // Another one would say the same of our name and password.
        if (error instanceof KafkaRefusal || signal.aborted) throw error;
        problem = error;
      }
    }
    throw problem;
  }

  /** @throws that no connection could be made, or the signal's reason: nothing is begun for what was given up. */
  async at(address: BrokerAddress, signal: AbortSignal): Promise<Broker> {
    const name = `${address.host}:${address.port}`;
    const before = await this.#brokers.get(name)?.catch(() => undefined);
    if (before?.connection.isOpen === true) return before;
    signal.throwIfAborted();
    const made = this.#connect(address);
    this.#brokers.set(name, made);
    return await made;
  }

  /** Leaders may have changed: they are asked for again. */
  forget(): void {
    this.#topics.clear();
  }

  /** Whatever is under way fails with this reason. */
  disconnect(reason: string): void {
    for (const connection of this.#open) connection.close(reason);
    this.#open.clear();
    this.#brokers.clear();
  }

  async #connect(address: BrokerAddress): Promise<Broker> {
    const { tls, sasl, clientId = "lambdarium" } = this.#settings;
    const connection = new BrokerConnection(address, clientId);
    this.#open.add(connection);
    try {
      await connection.connect(tls === true ? {} : tls === false ? undefined : tls);
      const { error, most } = await connection.ask(produceVersionRequest);
      if (error !== 0) throw new KafkaRefusal(error);
      if (most < produceVersions.least) throw new KafkaRefusal(35, "the broker is older than Kafka 0.11");
      if (sasl !== undefined) await authenticate(connection, sasl);
      return { connection, produceVersion: Math.min(most, produceVersions.most) };
    } catch (error) {
      connection.close("given up");
      this.#open.delete(connection);
      throw error;
    }
  }
}

function addressOf(text: string): BrokerAddress {
  const at = text.lastIndexOf(":");
  const host = at < 0 ? text : text.slice(0, at);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: at < 0 ? 9092 : Number(text.slice(at + 1)) };
}
