/** Who we are, to a broker that asks: SASL PLAIN, SCRAM (RFC 5802, RFC 7677) and OAUTHBEARER (RFC 7628). */
import type { BrokerConnection } from "./broker-connection.ts";
import { KafkaRefusal } from "./fates.ts";
import { saslAuthenticateRequest, saslHandshakeRequest } from "./requests.ts";

export type KafkaSasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string | undefined;
    }
  /** Asked for a token whenever a connection is made: for MSK the signed one of an IAM role. */
  | { readonly mechanism: "oauthbearer"; readonly token: () => string | Promise<string> };

export async function authenticate(connection: BrokerConnection, sasl: KafkaSasl): Promise<void> {
  const { error, mechanisms } = await connection.ask(saslHandshakeRequest(sasl.mechanism.toUpperCase()));
  if (error !== 0) throw new KafkaRefusal(error, `the broker offers ${mechanisms.join(", ") || "no mechanism"}`);
  const say = async (text: string): Promise<string> => {
    const answer = await connection.ask(saslAuthenticateRequest(Buffer.from(text)));
    if (answer.error !== 0) throw new KafkaRefusal(answer.error, answer.message);
    return answer.said.toString("utf8");
  };
  switch (sasl.mechanism) {
    case "plain":
      await say(`\0${sasl.username}\0${sasl.password ?? ""}`);
      return;
    case "oauthbearer": {
      const problem = await say(`n,,\u0001auth=Bearer ${await sasl.token()}\u0001\u0001`);
      // A refused token is told of inside a success, and waits for an empty answer.
      if (problem !== "") await say("\u0001");
      return;
    }
    case "scram-sha-256":
    case "scram-sha-512":
      await scram(sasl.mechanism === "scram-sha-256" ? "sha256" : "sha512", sasl.username, sasl.password ?? "", say);
      return;
    default:
      sasl satisfies never;
  }
}

async function scram(
  hash: "sha256" | "sha512",
  username: string,
  password: string,
  say: (text: string) => Promise<string>,
): Promise<void> {
  const { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } = await import("node:crypto");
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const nonce = randomBytes(18).toString("base64");
  const bare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  const first = await say(`n,,${bare}`);
  const told = fieldsOf(first);
  const iterations = Number(told["i"]);
  const [combined = "", salt = ""] = [told["r"], told["s"]];
  if (!combined.startsWith(nonce) || !(iterations >= 4096))
    throw new KafkaRefusal(58, "the broker's part of SCRAM is not what the protocol asks for");
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), iterations, hash === "sha256" ? 32 : 64, hash);
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=biws,r=${combined}`;
  const conversation = `${bare},${first},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), conversation);
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
  const last = fieldsOf(await say(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`));
  const expected = hmac(hmac(salted, "Server Key"), conversation);
  const shown = Buffer.from(last["v"] ?? "", "base64");
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected))
    throw new KafkaRefusal(58, "the broker does not know the password itself");
}

const fieldsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(text.split(",").map((field) => [field.slice(0, 1), field.slice(2)]));
