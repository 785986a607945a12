// Compiles the init program of the Linux sandbox for every CPU we support and writes it into the source that carries it.
// Needs gcc, and gcc-aarch64-linux-gnu for the other CPU. Run it after each change in src/sandbox/linux/init.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const source = fileURLToPath(new URL("../src/sandbox/linux/init/init.c", import.meta.url));
const target = fileURLToPath(new URL("../src/sandbox/linux/init-program.ts", import.meta.url));
const common = `-Os -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -nostdlib -static -ffreestanding -s
  -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-pie -no-pie
  -fno-tree-loop-distribute-patterns -Wl,-z,norelro,--build-id=none,-z,noseparate-code`.split(/\s+/u);
const cpus = {
  x64: { compiler: "gcc", strip: "strip", flags: ["-fcf-protection=none"] },
  arm64: { compiler: "aarch64-linux-gnu-gcc", strip: "aarch64-linux-gnu-strip", flags: ["-mno-outline-atomics"] },
};

const directory = mkdtempSync(join(tmpdir(), "sandbox-init-"));
const entries = Object.entries(cpus).map(([cpu, { compiler, strip, flags }]) => {
  const program = join(directory, cpu);
  execFileSync(compiler, [...common, ...flags, source, "-o", program], { stdio: "inherit" });
  execFileSync(strip, ["-s", "-R", ".comment", "-R", ".note.gnu.property", program], { stdio: "inherit" });
  const lines = gzipSync(readFileSync(program), { level: 9 })
    .toString("base64")
    .match(/.{1,108}/gu);
  return `  ${cpu}: [\n${lines.map((line) => `    "${line}",`).join("\n")}\n  ].join(""),\n`;
});
rmSync(directory, { recursive: true });
writeFileSync(
  target,
  `/** The init program of the sandbox (init/init.c), compiled; written by scripts/build-sandbox-init.mjs. */
import { gunzipSync } from "node:zlib";

/** The program for this CPU, or \`undefined\` where there is none. */
export function initProgram(): Buffer | undefined {
  const program = programs[process.arch];
  return program === undefined ? undefined : gunzipSync(Buffer.from(program, "base64"));
}

// Statically linked ELF files without a C library, compressed by gzip.
const programs: Readonly<Record<string, string>> = {
${entries.join("")}};
`,
);
