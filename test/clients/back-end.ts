/** A back end that was built here, as a process of its own on a port of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { vi } from "vitest";

/** Starts the program and waits until the address answers 200. */
export async function startBackEnd(
  [program, ...args]: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
  ready: string,
): Promise<ChildProcess> {
  const backEnd = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  backEnd.stderr.on("data", (piece) => (told = `${told}${String(piece)}`.slice(-2000)));
  const answers = async (): Promise<void> => {
    if (backEnd.exitCode !== null) throw new Error(`it ended: ${told}`);
    const { status } = await fetch(ready);
    if (status !== 200) throw new Error(`${ready} answers ${status}`);
  };
  try {
    await vi.waitFor(answers, { timeout: 120_000, interval: 250 });
  } catch (error) {
    await stopBackEnd(backEnd);
    throw error;
  }
  return backEnd;
}

export async function stopBackEnd(backEnd: ChildProcess | undefined): Promise<void> {
  if (backEnd === undefined || backEnd.exitCode !== null || backEnd.signalCode !== null) return;
  backEnd.kill("SIGKILL");
  await once(backEnd, "exit");
}
