/** What the developer should know of each environment, said once for all environments. */
import type { RunningEnvironment } from "../host/running-environment.ts";

/** Told of an environment, passes on what has not been said of its function before. */
export function environmentNotices(tell: (text: string) => void): (running: RunningEnvironment) => void {
  const told = new Set<string>();
  return ({ parts: { hosted, notices } }) => {
    const pass = (line: string): void => {
      if (told.has(line)) return;
      told.add(line);
      tell(line);
    };
    // What is there already is about the sandbox, which is the same for all.
    for (const { text } of notices.kept) pass(text);
    notices.listen(({ text }) => pass(`${hosted.functionName}: ${text}`));
  };
}
