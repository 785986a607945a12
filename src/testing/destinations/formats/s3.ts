/** S3 by paths: PutObject and multipart uploads. Each line of an object is a record. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { linesOf, type Reading, type WireAnswer, type WireFormat, type WireRequest } from "../wire-format.ts";
import { awsVariables } from "./aws-json.ts";

export interface ReceivedObjectLine {
  readonly bucket: string;
  readonly key: string;
  /** A value of JSON, or a text. */
  readonly line: unknown;
}

/** One fake has its own uploads: parts wait here until their upload is complete. */
export function s3(): WireFormat<ReceivedObjectLine> {
  const uploads = new Map<string, Map<number, Buffer>>();
  let count = 0;
  return {
    variables: (url) => awsVariables("S3", url),
    read(request) {
      const { method, query } = request;
      const [, bucket = "", key = ""] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(request.path)) ?? [];
      const upload = query.get("uploadId") ?? "";
      if (method === "POST" && query.has("uploads")) {
        const id = `upload-${(count += 1)}`;
        uploads.set(id, new Map());
        return called(
          xml(
            `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
          ),
        );
      }
      if (method === "PUT" && upload !== "") {
        uploads.get(upload)?.set(Number(query.get("partNumber")), unchunked(request));
        return called({ status: 200, headers: { etag: etagOf(request.body) } });
      }
      if (method === "DELETE" && upload !== "") {
        uploads.delete(upload);
        return called({ status: 204 });
      }
      if (method === "POST" && upload !== "") {
        const parts = [...(uploads.get(upload) ?? [])].sort(([a], [b]) => a - b).map(([, part]) => part);
        uploads.delete(upload);
        const result = `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><ETag>"0"</ETag></CompleteMultipartUploadResult>`;
        return object(bucket, key, Buffer.concat(parts), xml(result));
      }
      if (method === "PUT" && key !== "")
        return object(bucket, key, unchunked(request), { status: 200, headers: { etag: etagOf(request.body) } });
      return called({ status: method === "PUT" || method === "HEAD" ? 200 : 404 });
    },
    failure: (status, why) =>
      xml(
        `<Error><Code>${errorCodes[status] ?? "InternalError"}</Code><Message>${escaped(why)}</Message></Error>`,
        // It knows no 429: who is to slow down is told so by 503.
        status === 429 ? 503 : status,
      ),
  };
}

const errorCodes: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  403: "ExpiredToken",
  429: "SlowDown",
  503: "SlowDown",
};

const called = (answer: WireAnswer): Reading<never> => ({ kind: "call", answer });

const object = (bucket: string, key: string, bytes: Buffer, answer: WireAnswer): Reading<ReceivedObjectLine> => ({
  kind: "records",
  records: linesOf(unpacked(bytes).toString("utf8")).map((line) => ({ bucket, key, line })),
  // An object is there or it is not.
  answer: (rejected) => (rejected.size === 0 ? answer : { status: 503 }),
});

/** Objects are stored packed; what is in them is what a test asks for. */
const unpacked = (bytes: Buffer): Buffer => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);

/** `aws-chunked`, in which SDKs send bodies with a checksum behind them: size in hexadecimal, extensions, bytes, … */
function unchunked({ headers, body }: WireRequest): Buffer {
  if (!`${headers["content-encoding"]} ${headers["x-amz-content-sha256"]}`.match(/aws-chunked|STREAMING/)) return body;
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (end < 0 || !(size > 0)) break;
    pieces.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}

const etagOf = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

const xml = (content: string, status = 200): WireAnswer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${content}`,
});

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
