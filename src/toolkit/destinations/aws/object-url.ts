/** The address of an object in S3. */
import { type AwsPlace, configuredEndpoint, regionalHost } from "./endpoint.ts";

export interface BucketPlace extends AwsPlace {
  readonly bucket: string;
  readonly pathStyle?: boolean;
}

/** Undefined for a key with `.` or `..` between slashes, which whoever reads a URL takes out. */
export function objectUrl(place: BucketPlace, key: string, region: string): URL | undefined {
  const segments = key.split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) return undefined;
  const path = segments.map(encoded).join("/");
  const endpoint = configuredEndpoint("s3", place);
  // A certificate for `*.s3.…` does not hold for a bucket with a dot; servers elsewhere seldom have names for buckets.
  const pathStyle = place.pathStyle ?? (endpoint !== undefined || place.bucket.includes("."));
  if (endpoint === undefined) {
    const host = regionalHost("s3", region, pathStyle ? "" : `${place.bucket}.`);
    return new URL(`https://${host}/${pathStyle ? `${place.bucket}/` : ""}${path}`);
  }
  const url = new URL(endpoint);
  const base = url.pathname.replace(/\/$/, "");
  if (!pathStyle) url.hostname = `${place.bucket}.${url.hostname}`;
  url.pathname = `${base}/${pathStyle ? `${place.bucket}/` : ""}${path}`;
  return url;
}

/** As the signature wants it: everything but letters, digits and `-._~`. */
const encoded = (segment: string): string =>
  encodeURIComponent(segment).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
