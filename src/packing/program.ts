/** What the first bytes of a file say of how it is started. */

export type Program =
  | {
      readonly kind: "script";
      readonly interpreter: string;
      readonly arguments: readonly string[];
      readonly crlf: boolean;
    }
  | { readonly kind: "elf"; readonly architecture: Architecture | "other"; readonly loader: string | undefined }
  /** A program, but none of Linux. */
  | { readonly kind: "foreign"; readonly system: "macOS" | "Windows" }
  | { readonly kind: "data" };

export type Architecture = "x86_64" | "arm64";

export function programIn(bytes: Buffer): Program {
  if (bytes[0] === 0x23 && bytes[1] === 0x21) return script(bytes);
  if (bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f454c46) return elf(bytes);
  const magic = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (machO.has(magic)) return { kind: "foreign", system: "macOS" };
  if (bytes.length >= 64 && magic >>> 16 === 0x4d5a) return { kind: "foreign", system: "Windows" };
  return { kind: "data" };
}

/** 64 bits in either order of bytes, and of several processors. */
const machO: ReadonlySet<number> = new Set([0xfeedfacf, 0xcffaedfe, 0xcafebabe]);

function script(bytes: Buffer): Program {
  const end = bytes.indexOf(0x0a);
  const line = bytes.toString("utf8", 2, end < 0 ? bytes.length : end);
  const [interpreter = "", ...given] = line.trim().split(/\s+/u);
  return { kind: "script", interpreter, arguments: given, crlf: line.endsWith("\r") };
}

const machines: Readonly<Record<number, Architecture>> = { 0x3e: "x86_64", 0xb7: "arm64" };
const loaderEntry = 3;

/** Of 64 bits, the lower byte first: everything else cannot run on Lambda. */
function elf(bytes: Buffer): Program {
  const runnable = bytes[4] === 2 && bytes[5] === 1;
  const architecture = (runnable ? machines[bytes.readUInt16LE(18)] : undefined) ?? "other";
  return { kind: "elf", architecture, loader: runnable ? loaderOf(bytes) : undefined };
}

/** The dynamic loader that a program asks for; none of a library, nor of one that is linked statically. */
function loaderOf(bytes: Buffer): string | undefined {
  const table = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  for (let at = table; at < table + size * count && at + 56 <= bytes.length; at += size) {
    if (bytes.readUInt32LE(at) !== loaderEntry) continue;
    const offset = Number(bytes.readBigUInt64LE(at + 8));
    const length = Number(bytes.readBigUInt64LE(at + 32));
    return bytes.toString("latin1", offset, offset + Math.max(0, length - 1));
  }
  return undefined;
}

/** The name of the program behind `#!`, looked for on the PATH or at its place. */
export function interpreterName({ interpreter, arguments: given }: Program & { kind: "script" }): string {
  if (!/(^|\/)env$/.test(interpreter)) return interpreter;
  return given.find((word) => !word.startsWith("-") && !word.includes("=")) ?? interpreter;
}
