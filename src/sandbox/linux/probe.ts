/** Whether sandboxes really work on this machine: makes one, tries it, and throws it away. */
import { setTimeout } from "node:timers/promises";
import type { Sandbox } from "../sandbox.ts";
import { makeSandbox } from "./make-sandbox.ts";
import type { Workplace } from "./make-sandbox.ts";
import { sandboxUser } from "./user.ts";

/** What is wrong, in words for the user; `undefined` when everything that matters works. */
export async function probe(workplace: Workplace): Promise<string | undefined> {
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await makeSandbox(
      {
        id: "probe",
        codeDirectory: workplace.skeleton.nothing,
        layerDirectories: [],
        extensionFiles: [],
        interpreters: [],
        memorySizeMb: 512,
        ephemeralStorageMb: 512,
      },
      workplace,
    );
    return await tryOut(sandbox);
  } catch (error) {
    return (error as Error).message;
  } finally {
    await sandbox?.destroy();
  }
}

// Says who it is and what it can write, then goes on counting for ever.
const script = `echo "$(id -u) $(id -g)"; for file in /x /var/task/x /opt/x /usr/x /tmp/x; do
  (: >$file) 2>/dev/null && echo "$file"
done; while :; do echo .; done`;

async function tryOut(sandbox: Sandbox): Promise<string | undefined> {
  let text = "";
  let bytes = 0;
  const result = await sandbox.start({
    file: "/bin/sh",
    args: ["-c", script],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/var/task",
    logDescriptor: false,
    onOutput: (stream, piece) => {
      bytes += piece.length;
      text += text.length < 100 && stream === "stdout" ? Buffer.from(piece).toString("latin1") : "";
    },
    onOutputEnd: () => undefined,
  });
  if (!result.started) {
    return `no program can be started (${result.detail})`;
  }
  for (let round = 0; !text.includes("\n.\n") && round < 500; round += 1) {
    await setTimeout(5);
  }
  const said = text.split("\n").filter((line) => line !== "" && line !== ".");
  const expected = [`${sandboxUser.uid} ${sandboxUser.gid}`, "/tmp/x"];
  if (said.join(" ") !== expected.join(" ")) {
    return `a program was not confined (${said.join(" ")})`;
  }
  await sandbox.freeze();
  await setTimeout(30);
  await sandbox.drainOutput();
  const before = bytes;
  await setTimeout(20);
  await sandbox.drainOutput();
  return bytes === before ? undefined : "programs cannot be frozen";
}
