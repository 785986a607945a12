/** For each feature of a sandbox a look at whether it really holds, whatever the driver says of it (ENV-152). */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { SandboxFeature, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { hostilePrograms, shell } from "./linux-sandbox.ts";
import { copyOfPrograms } from "./sandbox-programs.ts";
import type { Workshop } from "./sandbox-programs.ts";

type Open = (changes?: Partial<SandboxSpec>) => Promise<Workshop>;

/** Gives whether the feature holds. */
export type EnforcementCheck = (open: Open) => Promise<boolean>;

export const enforcementChecks: Readonly<Record<Exclude<SandboxFeature, "snapshot">, EnforcementCheck>> = {
  "read-only file system": async (open) => {
    const workshop = await open({ codeDirectory: copyOfPrograms() });
    return /Read-only file system/u.test((await shell(workshop, "touch ./new")).complaints);
  },
  "/tmp size": async (open) => {
    const workshop = await open({ ephemeralStorageMb: 512 });
    const { text } = await shell(workshop, `df -P -k ${workshop.sandbox.paths.tmp} | awk 'END { print $4 }'`);
    return Number(text) > 510_000 && Number(text) < 535_000;
  },
  "own pid space": async (open) => {
    const seen = Number((await shell(await open(), "ls -d /proc/[0-9]* | wc -l")).text);
    return seen > 0 && seen < 8;
  },
  "own network": async (open) => {
    const server = createServer((socket) => socket.end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const caller = await (await open()).start("call-port.mjs", [String((server.address() as AddressInfo).port)]);
    await caller.exited;
    server.close();
    return caller.text("stderr").includes("ECONNREFUSED");
  },
  user: async (open) => (await shell(await open(), "id -u; id -un")).text === "993\nsbx_user1051",
  "CPU share": async (open) => {
    const workshop = await open({ memorySizeMb: 128, codeDirectory: hostilePrograms });
    const program = await workshop.start("burn.mjs", ["1"]);
    await program.until(/(?:.+\n){4}/u);
    const shares = program.text().split("\n").slice(1, 4).map(Number);
    return Math.max(...shares) < (128 / 1769) * 1.3;
  },
  "memory limit": async (open) => {
    const program = await (await open({ memorySizeMb: 128 })).start("use-memory.mjs", ["300"]);
    return (await program.exited).outOfMemory;
  },
  "descriptor limit": async (open) => (await shell(await open(), "ulimit -Sn; ulimit -Hn")).text === "1024\n1024",
  "process limit": async (open) => {
    const workshop = await open({ codeDirectory: hostilePrograms });
    const program = await workshop.start("fork-bomb.mjs");
    const [error, count] = (await program.until(/.+\n/u)).trim().split(" ");
    return error === "EAGAIN" && Number(count) <= 1024;
  },
  freeze: async (open) => {
    const workshop = await open();
    const script = "trap 'echo noticed' CONT; echo up; while :; do sleep 0.02; echo .; done";
    const program = await workshop.start("sh", ["-c", script], { file: "/bin/sh" });
    await program.until(/up\n(?:\.\n){2}/u);
    await workshop.sandbox.freeze();
    await setTimeout(100);
    await workshop.sandbox.drainOutput();
    const frozen = program.text();
    await setTimeout(300);
    await workshop.sandbox.drainOutput();
    const stood = program.text() === frozen;
    await workshop.sandbox.thaw();
    await program.until(new RegExp(`^[^]{${frozen.length + 10}}`, "u"));
    return stood && !program.text().includes("noticed");
  },
  "sandbox names": async (open) =>
    (await shell(await open(), "getent hosts sandbox && getent hosts sandbox.localdomain")).exit.code === 0,
};
