/** Where the code of a function or the content of a layer is. */
import path from "node:path";
import { pathOfKey } from "../code/live-directory.ts";
import { Refusal } from "../refusal.ts";
import { memberOf } from "./located.ts";
import type { CodeSource } from "./project.ts";
import type { PropertyReader } from "./template-properties.ts";

/** Gives nothing, with the reason found, where the code is not on this machine. */
export function readCode(
  reader: PropertyReader,
  member: { readonly path: string; readonly inline?: string },
): CodeSource | undefined {
  const { logicalId } = reader;
  const leftOut = (name: string, why: string): undefined => {
    reader.find(name, `${logicalId} is left out: ${why}`);
  };
  if (reader.text("PackageType") === "Image" || reader.has("ImageUri") || reader.has("Code.ImageUri"))
    return leftOut("PackageType", "container images are not offered");
  if (member.inline !== undefined && reader.has(member.inline)) {
    const text = reader.text(member.inline);
    return text === undefined ? leftOut(member.inline, "its code is not known") : { kind: "inline", text };
  }
  const asset = assetPath(reader, member.path);
  if (asset !== undefined) return { kind: "path", path: path.resolve(reader.directory, asset) };
  if (!reader.has(member.path)) return leftOut(member.path, `it has no ${member.path}`);
  const bucket = ["S3Bucket", "Bucket"].find((name) => reader.has(`${member.path}.${name}`));
  if (bucket !== undefined) {
    const key = reader.text(`${member.path}.${bucket === "Bucket" ? "Key" : "S3Key"}`) ?? "";
    if (reader.text(`${member.path}.${bucket}`) !== "local-dir") return leftOut(member.path, inS3);
    const found = directoryOf(key);
    return found instanceof Refusal ? leftOut(member.path, found.message) : { kind: "path", path: found };
  }
  const place = reader.text(member.path);
  if (place === undefined) return leftOut(member.path, "the place of its code is not known");
  if (place.startsWith("s3://")) return leftOut(member.path, inS3);
  const method = memberOf(memberOf(reader.resource, "Metadata"), "BuildMethod");
  if (method?.kind === "scalar" && !reader.directory.endsWith(path.join(".aws-sam", "build")))
    reader.find(
      member.path,
      `${logicalId} is built by ${method.text}: run \`sam build\`, whose result is taken while it is newer`,
    );
  return { kind: "path", path: path.resolve(reader.directory, place) };
}

const inS3 = "its code is in S3, not on this machine; a template from before it was packaged names the directory";

/** SVC-53 */
function directoryOf(key: string): string | Refusal {
  try {
    return pathOfKey(key);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** CDK says in the metadata where the code lies, and in the list of assets beside the template. */
function assetPath(reader: PropertyReader, member: string): string | undefined {
  const place = memberOf(memberOf(reader.resource, "Metadata"), "aws:asset:path");
  if (place?.kind === "scalar") return place.text;
  const key = memberOf(reader.node(member), "S3Key");
  return key?.kind === "scalar" ? reader.assets.get(key.text) : undefined;
}
