/** What `lambdarium pack` says of a layer. */
import type { Finding } from "../packing/findings.ts";
import type { PackedLayer } from "../packing/pack-extension.ts";

export const findingLines = ({ severity, code, message, hint }: Finding): string[] => [
  `${severity}: ${message} [${code}]`,
  `  ${hint}`,
];

export function packedLines(layer: PackedLayer, output: string, of: "layer" | "function"): string[] {
  const { archive, extensions, files, unzippedBytes, architectures, runtimes } = layer;
  const sizes = `${files.length} ${files.length === 1 ? "file" : "files"}, ${size(archive?.length ?? 0)} zipped, ${size(unzippedBytes)} unzipped`;
  if (of === "function") return [`${output}: ${sizes}`];
  const programs = extensions.length === 1 ? `extension ${extensions[0]}` : `extensions ${extensions.join(", ")}`;
  return [
    `${output}: ${programs}, ${sizes}`,
    `for ${runtimes.length === 0 ? "every runtime" : runtimes.join(", ")} on ${architectures.join(", ")}`,
    "",
    "Try it:   lambdarium invoke FUNCTION --layer " + quoted(output),
    `Publish:  ${publication(layer, output)}`,
  ];
}

/** `output` is nothing where the layer was refused. */
export function packedDocument({ archive, ...layer }: PackedLayer, output: string | undefined) {
  return {
    ...layer,
    output: output ?? null,
    zippedBytes: archive?.length ?? null,
    codeSha256: layer.codeSha256 ?? null,
  };
}

function publication({ name, architectures, runtimes }: PackedLayer, output: string): string {
  return [
    `aws lambda publish-layer-version --layer-name ${name.replaceAll(/[^\w-]/g, "-")} --zip-file ${quoted(`fileb://${output}`)}`,
    `--compatible-architectures ${architectures.join(" ")}`,
    ...(runtimes.length === 0 ? [] : [`--compatible-runtimes ${runtimes.join(" ")}`]),
  ].join(" ");
}

const size = (bytes: number): string =>
  bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;

const quoted = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text}'`);
