/** What the developer should know of each environment, said once for all environments. */
import type { RunningEnvironment } from "../host/running-environment.ts";

/** Told of an environment, passes on what has not been said of its function before. */
export function environmentNotices(tell: (text: string) => void): (running: RunningEnvironment) => void {
  const told = new Set<string>();
  return ({ parts: { hosted, notices } }) => {
    const pass = ({ text }: { readonly text: string }): void => {
      const line = `${hosted.functionName}: ${text}`;
      if (told.has(line)) return;
      told.add(line);
      tell(line);
    };
    for (const notice of notices.kept) pass(notice);
    notices.listen(pass);
  };
}
