/** Signature Version 4 of a request to another service's endpoint: emulators read region and service out of it. */
import { createHash, createHmac } from "node:crypto";

export interface UnsignedRequest {
  readonly method: "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** Signing name, such as `sqs`. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The headers to send, signature included. */
export function signedHeaders(request: UnsignedRequest, signer: Signer): Record<string, string> {
  const at = new Date(signer.now).toISOString().replaceAll(/[-:]|\.\d{3}/gu, "");
  const day = at.slice(0, 8);
  const scope = `${day}/${signer.region}/${signer.service}/aws4_request`;
  const bodyHash = sha256(request.body);
  const headers = { ...request.headers, host: request.url.host, "x-amz-content-sha256": bodyHash, "x-amz-date": at };
  const sorted = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const names = sorted.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    request.url.pathname,
    request.url.searchParams.toString(),
    ...sorted.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    bodyHash,
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(Buffer.from(canonical))].join("\n");
  const key = [day, signer.region, signer.service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${signer.secretAccessKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  const credential = `${signer.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
