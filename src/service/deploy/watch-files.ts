/** Tells of changed files, many at a time. */
import type { FSWatcher } from "chokidar";
import { isLitter, isWithin, type WatchPlan } from "./watch-plan.ts";

export interface FileWatch {
  readonly close: () => Promise<void>;
}

/** Editors and builds write several files at once: a change is told when none has followed for so long. */
const quietMs = 80;
/** A build that never pauses is not waited for any longer. */
const longestWaitMs = 600;

/** Fulfilled once everything is watched. */
export async function watchFiles(plan: WatchPlan, changed: (files: ReadonlySet<string>) => void): Promise<FileWatch> {
  // Loaded here: nobody else pays for it.
  const { watch } = await import("chokidar");
  const roots = [...new Set(plan.roots.map((root) => root.path))];
  const batch = new Batch(changed);
  const watcher: FSWatcher = watch(roots, {
    ignoreInitial: true,
    ignored: (file: string) =>
      roots.filter((root) => isWithin(file, root)).every((root) => isLitter(file, root)) &&
      !roots.some((root) => isWithin(root, file)),
  });
  watcher.on("all", (_, file) => batch.add(file));
  // What an editor, git or a build removes before it writes it again is watched for, too.
  for (const removed of ["unlink", "unlinkDir"] as const)
    watcher.on(removed, (file) => {
      if (roots.includes(file)) watcher.add(file);
    });
  // A directory that went away, or too many of them: what is still watched goes on.
  watcher.on("error", () => {});
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    close: async () => {
      batch.stop();
      await watcher.close();
    },
  };
}

class Batch {
  readonly #tell: (files: ReadonlySet<string>) => void;
  #files = new Set<string>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (files: ReadonlySet<string>) => void) {
    this.#tell = tell;
  }

  add(file: string): void {
    if (this.#files.size === 0) this.#since = performance.now();
    this.#files.add(file);
    clearTimeout(this.#timer);
    const waitedMs = performance.now() - this.#since;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, Math.min(quietMs, longestWaitMs - waitedMs)));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    const files = this.#files;
    this.#files = new Set();
    this.#tell(files);
  }
}
