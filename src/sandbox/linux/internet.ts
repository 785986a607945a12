/** A way out of a sandbox's network: `pasta`, which speaks for it as an ordinary process of the host does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findProgram } from "./programs.ts";

/** Whether this machine has what it takes. */
export function findPasta(): string | undefined {
  return findProgram("pasta");
}

export interface WayOut {
  /** Address of the gateway inside. */
  readonly gateway: string;
  readonly close: () => void;
}

/**
 * Connects the network of the process `initPid`; resolves when it has a way out. With `toMachine` the address of the
 * gateway leads to this machine's own loopback interface.
 * @throws Error with what was complained about.
 */
export async function openInternet(
  pasta: string,
  initPid: number,
  directory: string,
  toMachine: boolean,
): Promise<WayOut> {
  const name = join(directory, "network");
  await writeFile(name, "");
  const child = spawn(
    "unshare",
    [
      "--mount",
      "--propagation",
      "private",
      "--",
      "/bin/sh",
      "-ec",
      script,
      "internet",
      String(initPid),
      name,
      pasta,
      ...options(toMachine),
    ],
    { cwd: "/", detached: true, stdio: ["pipe", "ignore", "pipe"], env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
  );
  const end = (): void => void child.stdin.destroy();
  child.once("exit", end);
  child.stdin.on("error", () => undefined);
  (child.stdin as unknown as { unref(): void }).unref();
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-1000)));
  child.unref();
  const ended = once(child, "exit").then(() => true);
  ended.catch(() => undefined);
  let gateway = gatewayOf(initPid);
  for (let round = 0; gateway === undefined; round += 1) {
    if ((await Promise.race([ended, setTimeout(5, false)])) || round > 400) {
      end();
      throw new Error(`pasta gave no network: ${complaint.trim() || "it ended"}`);
    }
    gateway = gatewayOf(initPid);
  }
  return { gateway, close: end };
}

// As root pasta gives up the right to look into another process, so the network must have a name; and that is mounted
// where nobody else sees it, so that nothing is left of it. It ends when the pipe to us is closed, by us or by our end:
// by itself it would stay for as long as it holds the network.
const script = `mount --bind "/proc/$1/ns/net" "$2"
shift
name=$1
shift
exec 3<&0
"$@" --netns "$name" </dev/null 3<&- &
way=$!
(read -r _ <&3 || :; kill -9 "$way") >/dev/null 2>&1 &
wait "$way"`;

/** The servers that names are asked of, as the sandbox can reach them: those of the host, but for its own loopback. */
export function nameServers(): readonly string[] {
  const text = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"].map((file) => readIfThere(file)).find(Boolean);
  const all = [...(text ?? "").matchAll(/^nameserver\s+(\S+)/gmu)].map((match) => String(match[1]));
  return all.filter((address) => !address.startsWith("127.") && address !== "::1");
}

function options(toMachine: boolean): readonly string[] {
  const none = ["-t", "-u", "-T", "-U"].flatMap((direction) => [direction, "none"]);
  const root = process.getuid?.() === 0 ? ["--runas", "0:0"] : [];
  const gateway = toMachine ? [] : ["--no-map-gw"];
  return ["--foreground", "--config-net", "-4", ...gateway, ...none, "--netns-only", ...root, "--quiet"];
}

/** Of the route to everywhere, as soon as there is one. */
function gatewayOf(pid: number): string | undefined {
  const routes = readIfThere(`/proc/${pid}/net/route`).trim().split("\n").slice(1);
  const hex = routes.map((line) => line.split("\t")).find((fields) => fields[1] === "00000000")?.[2];
  // In the byte order of a machine with its low byte first, as all are that the init program is there for.
  return hex
    ?.match(/../gu)
    ?.map((byte) => Number.parseInt(byte, 16))
    .toReversed()
    .join(".");
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
