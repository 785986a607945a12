/** Where the code of a function or the content of a layer is. */
import path from "node:path";
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
  const bucket = reader.has(`${member.path}.S3Bucket`) || reader.has(`${member.path}.Bucket`);
  if (bucket) return leftOut(member.path, "its code is in S3, not on this machine");
  const place = reader.text(member.path);
  if (place === undefined) return leftOut(member.path, "the place of its code is not known");
  if (place.startsWith("s3://")) return leftOut(member.path, "its code is in S3, not on this machine");
  const method = memberOf(memberOf(reader.resource, "Metadata"), "BuildMethod");
  if (method?.kind === "scalar" && !reader.directory.endsWith(path.join(".aws-sam", "build")))
    reader.find(
      member.path,
      `${logicalId} is built by ${method.text}: run \`sam build\`, whose result is taken while it is newer`,
    );
  return { kind: "path", path: path.resolve(reader.directory, place) };
}

/** CDK says in the metadata where the code lies, and in the list of assets beside the template. */
function assetPath(reader: PropertyReader, member: string): string | undefined {
  const place = memberOf(memberOf(reader.resource, "Metadata"), "aws:asset:path");
  if (place?.kind === "scalar") return place.text;
  const key = memberOf(reader.node(member), "S3Key");
  return key?.kind === "scalar" ? reader.assets.get(key.text) : undefined;
}
