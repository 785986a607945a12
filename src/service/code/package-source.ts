/** From what a request names as its package to code that can be run. */
import { invalidValue, refusal } from "../refusal.ts";
import type { CodeReference } from "../state/records.ts";
import type { CodeStore } from "./code-store.ts";
import { liveDirectory } from "./live-directory.ts";
import { fetchObject } from "./s3-object.ts";

/** Of CreateFunction and PublishLayerVersion, and among the members of UpdateFunctionCode. */
export interface PackageSource {
  /** Base64. */
  readonly ZipFile?: string;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly S3ObjectStorageMode?: "COPY" | "REFERENCE";
  readonly ImageUri?: string;
}

/** SVC-53 */
const localBucket = "local-dir";
/** SVC-49 */
const mostZipBytes = 52_428_800;

/** @throws Refusal SVC-52, SVC-61: without looking at the package itself. */
export function checkSource(source: PackageSource): void {
  const { ZipFile, S3Bucket, S3Key, S3ObjectVersion, ImageUri } = source;
  const fromS3 = S3Bucket !== undefined || S3Key !== undefined || S3ObjectVersion !== undefined;
  const given = [ZipFile !== undefined, fromS3, ImageUri !== undefined].filter(Boolean).length;
  if (given === 0) throw invalidValue("Please provide a source for function code.");
  if (given > 1)
    throw invalidValue(
      ZipFile === undefined
        ? "Please do not provide S3Bucket and S3Key together with ImageUri."
        : "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    );
  if (fromS3 && (S3Bucket === undefined || S3Key === undefined))
    throw invalidValue("S3Bucket and S3Key have to be given together.");
  if (source.S3ObjectStorageMode === "REFERENCE")
    throw invalidValue("S3ObjectStorageMode REFERENCE is not supported by this service, which copies what it reads.");
}

/** @throws Refusal for a package that cannot be had or cannot be unpacked. */
export async function receivePackage(
  source: PackageSource,
  store: CodeStore,
  s3Endpoint: string | undefined,
): Promise<CodeReference> {
  checkSource(source);
  const { ZipFile, S3Bucket, S3Key } = source;
  if (ZipFile !== undefined) return receiveZip(ZipFile, store);
  if (S3Bucket === localBucket) {
    const directory = await liveDirectory(S3Key!);
    return { kind: "live", directory, ...(await store.measure(directory)) };
  }
  if (s3Endpoint === undefined)
    throw invalidValue(
      `S3 sources are not configured: set s3Endpoint to read ${S3Bucket}/${S3Key}, or give S3Bucket ${localBucket} and a directory of this machine as S3Key.`,
    );
  return store.addZip(await fetchObject(s3Endpoint, S3Bucket!, S3Key!, source.S3ObjectVersion));
}

function receiveZip(base64: string, store: CodeStore): Promise<CodeReference> {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength > mostZipBytes)
    throw refusal("RequestEntityTooLargeException", `Zipped size must be smaller than ${mostZipBytes} bytes`);
  return store.addZip(bytes);
}
