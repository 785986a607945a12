/** Records as objects of an S3 bucket: `import … from "lambdarium/extension/destinations/s3"`. */
import type { AwsPlace } from "./aws/endpoint.ts";
import { awsClient } from "./aws/aws-client.ts";
import { awsResult, errorIn, type OwnErrors } from "./aws/aws-results.ts";
import { objectUrl } from "./aws/object-url.ts";
import { type LineOf, sourcedLine } from "./aws/sourced-line.ts";
import { type Destination, type Item, type Origin, type SendResult, timeOf } from "./destination.ts";
import type { HttpAnswer } from "./http/http-client.ts";
import { misconfigured } from "./misconfigured.ts";

export interface S3Settings extends AwsPlace {
  /** A general purpose bucket. */
  readonly bucket: string | undefined;
  /** Before each key, such as `logs/`; default nothing. */
  readonly prefix?: string;
  /**
   * The rest of an object's key; default `<function>/<year>/<month>/<day>/<hour>/<time>-<id>.ndjson.gz`. Without `id` in it,
   * objects replace each other.
   */
  readonly key?: (facts: KeyFacts) => string;
  /** What a record becomes, a line of the object; default JSON with the record's id and the function it comes from. */
  readonly line?: LineOf;
  /** Default `gzip`. */
  readonly compression?: "gzip" | "none";
  /** Of one object before compression; default 8 MiB. */
  readonly maxBytes?: number;
  /** Of one object; default and at most 10,000. */
  readonly maxRecords?: number;
  /** Added to each request, such as `x-amz-storage-class` or `x-amz-server-side-encryption`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** True puts the bucket into the path; default so with an `endpoint`, or where the name has a dot. */
  readonly pathStyle?: boolean;
}

export interface KeyFacts {
  readonly origin: Origin;
  /** Of the object's first record. */
  readonly time: Date;
  /** Of the object's first record: the same whenever it is sent again. */
  readonly id: string;
  /** `.ndjson` or `.ndjson.gz`. */
  readonly extension: string;
}

interface Line extends Item {
  readonly id: string;
}

/**
 * One object for each request, put at once: nothing is left half uploaded. Its key is that of its first record, so that an
 * object whose answer was lost is replaced when it is put again, by one that begins with the same records.
 */
export function s3(settings: S3Settings): Destination {
  const { bucket } = settings;
  if (!bucket) return misconfigured("s3", "no bucket: set bucket");
  const client = awsClient("s3");
  const line = settings.line ?? sourcedLine;
  const gzip = (settings.compression ?? "gzip") === "gzip";
  const keyOf = settings.key ?? usualKey;
  return {
    name: `s3 ${bucket}/${settings.prefix ?? ""}`,
    limits: {
      maxItems: settings.maxRecords ?? 10_000,
      maxBytes: settings.maxBytes ?? 8_388_608,
      itemOverheadBytes: 1,
    },
    encode(record, origin, id): readonly Line[] {
      const body = line(record, origin, id);
      return body ? [{ body, bytes: Buffer.byteLength(body), timeMs: timeOf(record), id }] : [];
    },
    async send({ items, origin, signal }) {
      const [first] = items as readonly Line[];
      if (first === undefined) return { kind: "delivered" };
      const extension = gzip ? ".ndjson.gz" : ".ndjson";
      const key = keyOf({ origin, time: new Date(first.timeMs), id: first.id, extension });
      const region = settings.region ?? origin.region;
      const url = objectUrl({ ...settings, bucket }, `${settings.prefix ?? ""}${key}`, region);
      if (url === undefined) return { kind: "closed", reason: `${key} is no key that a URL can name` };
      const text = Buffer.from(items.map(({ body }) => `${String(body)}\n`).join(""));
      const body = gzip ? await compressed(text) : text;
      const headers = {
        // No Content-Encoding: it is a file that is packed, and its readers go by its name.
        "Content-Type": gzip ? "application/gzip" : "application/x-ndjson",
        // Buckets with Object Lock take nothing without a checksum.
        "x-amz-checksum-sha256": await sha256(body),
        ...settings.headers,
      };
      return judge(await client.send({ method: "PUT", url, headers, body, region, signal }), region);
    },
    thawed: () => client.renew(),
    close: () => client.close(),
  };
}

function usualKey({ origin, time, id, extension }: KeyFacts): string {
  const [day = "", clock = ""] = time.toISOString().split("T");
  const hour = `${day.replaceAll("-", "/")}/${clock.slice(0, 2)}`;
  const moment = `${day}T${clock}`.replaceAll(/[-:]/g, "");
  return `${origin.functionName}/${hour}/${moment}-${id}${extension}`;
}

/** Level 1: nine tenths of the effect for a third of the time, and a function pays for the time. */
async function compressed(text: Buffer): Promise<Buffer> {
  const [zlib, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  return promisify(zlib.gzip)(text, { level: 1 });
}

async function sha256(body: Buffer): Promise<string> {
  const { createHash } = await import("node:crypto");
  return createHash("sha256").update(body).digest("base64");
}

/** Broken on the way, or two at once for one key: the same object may pass next time. */
const ownErrors: OwnErrors = {
  BadDigest: "try later",
  ConditionalRequestConflict: "try later",
  EntityTooLarge: "too large",
  IncompleteBody: "try later",
  OperationAborted: "try later",
  XAmzContentSHA256Mismatch: "try later",
};

function judge(answer: HttpAnswer, region: string): SendResult {
  const where = answer.headers["x-amz-bucket-region"];
  if (answer.status >= 300 && answer.status < 500 && typeof where === "string" && where !== region)
    return { kind: "closed", reason: `the bucket is in ${where}, not in ${region}: set region` };
  if (answer.status >= 300 && answer.status < 400)
    return {
      kind: "closed",
      reason: `${errorIn(answer) ?? "redirected"}: the bucket is in another region; set region`,
    };
  return awsResult(answer, ownErrors);
}
