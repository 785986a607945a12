/** Reads an object once from a store that speaks S3 (SVC-60). */
import { createHash, createHmac } from "node:crypto";
import { invalidValue } from "../refusal.ts";

/** @throws Refusal in AWS's words for what is not there; in ours when the store does not answer. */
export async function fetchObject(
  endpoint: string,
  bucket: string,
  key: string,
  version: string | undefined,
): Promise<Uint8Array> {
  const path = [bucket, ...key.split("/")].map(encodeSegment).join("/");
  const url = new URL(`${endpoint.replace(/\/$/, "")}/${path}`);
  if (version !== undefined) url.searchParams.set("versionId", version);
  const response = await fetch(url, { headers: signature(url) }).catch((cause: Error & { cause?: Error }) => {
    throw invalidValue(`The S3 endpoint ${endpoint} does not answer: ${(cause.cause ?? cause).message}`);
  });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  const body = await response.text();
  const code =
    /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? (response.status === 404 ? "NoSuchKey" : `${response.status}`);
  const message = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? response.statusText;
  throw invalidValue(`Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`);
}

/** Everything but what AWS calls unreserved; `encodeURIComponent` leaves five more. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Signature Version 4 with the credentials in the environment, which stores other than emulators check; none without them. */
function signature(url: URL): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  if (id === undefined || secret === undefined) return {};
  const region = process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    "x-amz-date": time,
    ...(token === undefined ? {} : { "x-amz-security-token": token }),
  };
  const names = ["host", ...Object.keys(headers)].sort();
  const signed = names.map((name) => `${name}:${name === "host" ? url.host : headers[name]}\n`).join("");
  const request = ["GET", url.pathname, url.search.slice(1), signed, names.join(";"), "UNSIGNED-PAYLOAD"].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(request).digest("hex")].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((last, part) => mac(last, part), `AWS4${secret}`);
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names.join(";")}, Signature=${mac(key, text).toString("hex")}`;
  return headers;
}

const mac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
