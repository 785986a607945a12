/** AWS Signature Version 4, for requests whose whole body is at hand. */
import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "./credentials.ts";

export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SigningScope {
  readonly region: string;
  /** As in the service's credential scope: `logs`, `firehose`, `kinesis`, `s3`, `sqs`. */
  readonly service: string;
  readonly credentials: Credentials;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The headers to send: the given ones with `Host`, `X-Amz-Date`, the session token and `Authorization`. */
export function signedHeaders(request: RequestToSign, scope: SigningScope): Readonly<Record<string, string>> {
  const { credentials, region, service } = scope;
  const time = new Date(scope.now).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const bodyHash = sha256(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    Host: request.url.host,
    "X-Amz-Date": time,
    ...(credentials.sessionToken === undefined ? {} : { "X-Amz-Security-Token": credentials.sessionToken }),
    // S3 and OpenSearch Serverless want the hash of the body beside the signature that contains it.
    ...(service === "s3" || service === "aoss" ? { "X-Amz-Content-Sha256": bodyHash } : {}),
  };
  const named = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, " ")] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const names = named.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    canonicalPath(request.url, service),
    canonicalQuery(request.url),
    ...named.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    bodyHash,
  ].join("\n");
  const credentialScope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, credentialScope, sha256(canonical)].join("\n");
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${credentials.secretAccessKey}`, day));
  const signature = hmac(key, toSign).toString("hex");
  return {
    ...headers,
    Authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${credentialScope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** Every service but S3 wants the path, which is encoded already, encoded once more. */
const canonicalPath = ({ pathname }: URL, service: string): string =>
  service === "s3" ? pathname : pathname.split("/").map(encoded).join("/");

function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort((one, other) => (one < other ? -1 : 1)).join("&");
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
