/** What can be wrong with a layer, in one catalogue: a stable code, how bad it is, what is the matter, what to do. */

export type FindingCode = keyof typeof catalogue;

export interface Finding {
  readonly code: FindingCode;
  /** An error would fail on Lambda: no archive is written. A warning may be meant, or has been mended. */
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint: string;
}

type Facts = Readonly<Record<string, string | number>>;

const catalogue = {
  "no-extension": [
    "error",
    "There is nothing in extensions/.",
    "Lambda starts the files directly in extensions/: put the program there.",
  ],
  "too-many-extensions": [
    "error",
    "There are {count} files in extensions/.",
    "A function has ten extensions at most: leave out what is none, since Lambda starts every file there.",
  ],
  "name-invalid": [
    "error",
    "{file} cannot be an extension's name: {why}.",
    "Use 1 to 128 letters, digits, dots, hyphens and underscores, beginning with a letter or a digit.",
  ],
  "name-differs": [
    "error",
    "{source} registers as {registered}, and its file in the layer is {file}.",
    "Lambda refuses every other name than the file's: pack with --name {registered}, or register as {file}.",
  ],
  "name-reserved": ["error", "{file}: {why}.", "Leave it out."],
  "not-a-program": [
    "error",
    "{file} is no program, and Lambda would start it.",
    "Everything directly in extensions/ is started, and what cannot be fails the Init: move it into a folder of its own.",
  ],
  "mode-mended": [
    "warning",
    "{file} was not executable; in the archive it is.",
    "`chmod +x` keeps this quiet, and lets `lambdarium invoke` start the file as it is.",
  ],
  "line-ends-mended": [
    "warning",
    "{file} has line ends of Windows, which Linux takes for a part of the interpreter's name; in the archive they are those of Linux.",
    "`* text=auto eol=lf` in .gitattributes keeps git from writing them.",
  ],
  "interpreter-missing": [
    "error",
    "{file} needs {interpreter}, which {runtime} does not have.",
    "Choose --compatible-runtimes that have it{standalone}.",
  ],
  "interpreter-not-in-layer": [
    "error",
    "{file} needs {interpreter}, which is not in the layer.",
    "Add it, at that place below /opt.",
  ],
  "interpreter-unknown": [
    "warning",
    "{file} needs {interpreter}; whether the function's runtime has it is not known.",
    "Lambda has a shell in every runtime, and beside it the language of the runtime only.",
  ],
  "architecture-wrong": [
    "error",
    "{file} is a program for {found}, and the layer is for {wanted}.",
    "Build it for {wanted}, or pack with another --architecture.",
  ],
  "architecture-missing": [
    "error",
    "{file} is a program for {found}.",
    "Lambda runs 64-bit programs of Linux for x86_64 and arm64 only.",
  ],
  "loader-missing": [
    "error",
    "{file} asks for the loader {loader}, which Lambda does not have.",
    "Link it statically, or against glibc (2.34 on Amazon Linux 2023, 2.26 on Amazon Linux 2).",
  ],
  "system-too-old": [
    "error",
    "Node.js needs glibc 2.28, and {runtime} runs on Amazon Linux 2, which has 2.26.",
    "Leave the runtime out of --compatible-runtimes.",
  ],
  "library-missing": [
    "warning",
    "Node.js {version} asks for libatomic.so.1, which Amazon Linux 2023 has only where somebody installed it.",
    "Take Node.js 24, which does not, or try the layer on Lambda first.",
  ],
  "node-options-obeyed": [
    "warning",
    "Node.js {version} cannot be told to leave NODE_OPTIONS of the function alone once it is a single executable.",
    "A present release of Node.js 22 or 24, as the one that runs this or given with --node, can; functions that set no NODE_OPTIONS need none.",
  ],
  "too-large-unzipped": [
    "error",
    "The layer has {bytes} bytes unzipped.",
    "Lambda allows 262144000 bytes for the code and all layers of a function together.",
  ],
  "too-large-to-upload": [
    "warning",
    "The archive has {bytes} bytes, and 52428800 can be uploaded directly.",
    "Put it into a bucket and publish with --content S3Bucket=…,S3Key=….",
  ],
  "much-of-the-limit": [
    "warning",
    "The layer has {megabytes} MB unzipped: {percent} % of what Lambda allows the code and all layers of a function together.",
    "Node.js itself takes most of it, some 50 MB of the function's memory, and longer to start.",
  ],
  "port-reserved": [
    "error",
    "{source}:{line} takes port 9001.",
    "It is the Runtime API's own, and Lambda refuses it as a telemetry destination: take another one.",
  ],
  "port-clash": [
    "warning",
    "{source}:{line} takes port {port}, known as that of {owner}.",
    "Beside such an extension one of the two cannot start: take another port, from 10240 to 32767.",
  ],
  "variable-not-there": [
    "warning",
    "{source}:{line} reads {variable}, which Lambda gives to the runtime only, not to extensions.",
    "Take the function's facts from the answer to the registration, and ids from records.",
  ],
  "variable-reserved": [
    "warning",
    "{source}:{line} reads {variable}: names with AWS_LAMBDA_ are AWS's, and none of this name is known.",
    "Take a prefix of your own.",
  ],
  "bootstrap-in-layer": [
    "warning",
    "The layer has a file bootstrap at its root.",
    "Functions of the runtime provided that have none of their own start it in place of a runtime: leave it out unless that is meant.",
  ],
  "bundler-warning": ["warning", "{text}.", "That is what esbuild says of the source."],
} as const satisfies Readonly<Record<string, readonly ["error" | "warning", string, string]>>;

/** All codes, for documentation that must not fall behind. */
export const findingCodes = Object.entries(catalogue).map(([code, [severity]]) => ({ code, severity }));

/** Builds a finding of the facts its texts name in braces. */
export function finding(code: FindingCode, facts: Facts = {}): Finding {
  const [severity, message, hint] = catalogue[code];
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? ""));
  return { code, severity, message: filled(message), hint: filled(hint) };
}
