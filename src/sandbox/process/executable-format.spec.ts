import { expect, test } from "vitest";
import { canExecuteFormat, matchesRegistration } from "./executable-format.ts";

function elf(machine: number): Buffer {
  const beginning = Buffer.alloc(64);
  beginning.write("\u007fELF\u0002\u0001\u0001", "latin1");
  beginning.writeUInt16LE(machine, 18);
  return beginning;
}

const machines = { x64: 62, arm64: 183 } as const;
const [own, other] = process.arch === "arm64" ? [machines.arm64, machines.x64] : [machines.x64, machines.arm64];

test.runIf(process.platform === "linux")("knows programs of this CPU from those of another, and from text", () => {
  const files = [
    elf(own),
    elf(other),
    elf(own).subarray(0, 19),
    Buffer.from("#!/bin/sh\n"),
    Buffer.from("#"),
    Buffer.alloc(0),
  ];
  expect(files.map(canExecuteFormat)).toEqual([true, false, false, true, false, false]);
});

const registration = [
  "enabled",
  "interpreter /usr/bin/qemu-aarch64",
  "flags: OCF",
  "offset 0",
  "magic 7f454c460201010000000000000000000200b700",
  "mask ffffffffffffff00fffffffffffffffffeffffff",
  "",
].join("\n");

test("takes a format that this machine has learnt, by the bits of its mask", () => {
  const executable = elf(machines.arm64);
  executable[7] = 0x55;
  executable[16] = 3;
  expect(matchesRegistration(registration, executable)).toBe(true);
});

test.each([
  ["another program", registration, elf(machines.x64)],
  ["a file that is too short", registration, elf(machines.arm64).subarray(0, 10)],
  ["a registration that is switched off", registration.replace("enabled", "disabled"), elf(machines.arm64)],
  ["a registration by file name", "enabled\ninterpreter /usr/bin/x\nextension .x\n", elf(machines.arm64)],
])("does not take %s for such a format", (_, text, beginning) => {
  expect(matchesRegistration(text, beginning)).toBe(false);
});
