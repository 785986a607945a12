/** Whether the kernel of this machine can execute a file that begins with these bytes. */
import { readdirSync, readFileSync } from "node:fs";

/** `beginning` are the first 256 bytes of the file, or all of a shorter one. */
export function canExecuteFormat(beginning: Buffer): boolean {
  switch (process.platform) {
    case "win32":
      return true;
    case "darwin":
      return isScript(beginning) || isMachO(beginning);
    case "linux":
      return isScript(beginning) || isElfFor(process.arch, beginning) || isRegisteredFormat(beginning);
    default:
      return isScript(beginning) || isElf(beginning);
  }
}

// The numbers that ELF gives to the CPUs Node.js runs on; a 64-bit x86 kernel runs 32-bit programs too.
const elfMachines: Readonly<Record<string, readonly number[]>> = {
  x64: [62, 3],
  ia32: [3],
  arm64: [183],
  arm: [40],
  ppc64: [21],
  s390x: [22],
  riscv64: [243],
  loong64: [258],
};

function isElfFor(arch: string, beginning: Buffer): boolean {
  const machines = elfMachines[arch];
  if (!isElf(beginning) || beginning.length < 20) {
    return false;
  }
  const littleEndian = beginning[5] === 1;
  const machine = littleEndian ? beginning.readUInt16LE(18) : beginning.readUInt16BE(18);
  return machines === undefined || machines.includes(machine);
}

function isElf(beginning: Buffer): boolean {
  return beginning.subarray(0, 4).equals(Buffer.from("\u007fELF", "latin1"));
}

function isScript(beginning: Buffer): boolean {
  return beginning.subarray(0, 2).toString("latin1") === "#!";
}

function isMachO(beginning: Buffer): boolean {
  const magic = beginning.subarray(0, 4).toString("hex");
  return ["cffaedfe", "cefaedfe", "cafebabe", "cafebabf"].includes(magic);
}

// Formats a machine has learnt on top (qemu-user for another CPU, for example), kept where the kernel shows them.
const registeredFormats = "/proc/sys/fs/binfmt_misc";

function isRegisteredFormat(beginning: Buffer): boolean {
  try {
    return readdirSync(registeredFormats)
      .filter((name) => name !== "register" && name !== "status")
      .some((name) => matchesRegistration(readFileSync(`${registeredFormats}/${name}`, "latin1"), beginning));
  } catch {
    return false;
  }
}

/** Exported for its test: the registrations of a machine cannot be changed by an ordinary user. */
export function matchesRegistration(registration: string, beginning: Buffer): boolean {
  const value = (key: string): string | undefined => new RegExp(`^${key} ?(\\S+)$`, "mu").exec(registration)?.[1];
  const magic = Buffer.from(value("magic") ?? "", "hex");
  const mask = Buffer.from(value("mask") ?? "", "hex");
  const offset = Number(value("offset") ?? 0);
  const part = beginning.subarray(offset, offset + magic.length);
  return (
    registration.startsWith("enabled") &&
    magic.length > 0 &&
    part.length === magic.length &&
    part.every((byte, at) => (byte & (mask[at] ?? 0xff)) === (magic[at] ?? 0))
  );
}
