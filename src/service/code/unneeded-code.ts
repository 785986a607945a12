/** Removes packages that nothing needs any more: no record, no environment, and no link that was given out (SVC-38). */
import type { Clock } from "../../host/clock.ts";
import { linkValidMs } from "./code-links.ts";
import type { CodeStore, StoredPackage } from "./code-store.ts";

export interface UnneededCodeOptions {
  readonly store: Pick<CodeStore, "stored" | "remove" | "treeOf">;
  readonly clock: Clock;
  /** Hashes that records name. */
  readonly kept: () => ReadonlySet<string>;
  /** Directories that environments read. */
  readonly inUse: () => ReadonlySet<string>;
  /** An operation has received a package perhaps that no record names yet. */
  readonly isBusy: () => boolean;
  readonly faulted: (cause: unknown) => void;
}

/** After a change, and while a package that will go is in use. */
const lookAgainMs = 1000;

export class UnneededCode {
  readonly #options: UnneededCodeOptions;
  /** By hash, when nothing named it any more. */
  readonly #since = new Map<string, number>();
  #timer: { readonly atMs: number; readonly callOff: () => void } | undefined;
  #looking = false;
  #closed = false;

  constructor(options: UnneededCodeOptions) {
    this.#options = options;
  }

  /** What an earlier process left goes at once, but for what a link may still lead to; only before the first call. */
  async removeOld(): Promise<void> {
    const { store, clock, kept } = this.#options;
    const needed = kept();
    for (const { sha256, changedMs } of await store.stored()) {
      if (needed.has(sha256)) continue;
      // The file system has the machine's time.
      const ageMs = Date.now() - changedMs;
      if (ageMs > linkValidMs) await store.remove(sha256);
      else this.#since.set(sha256, clock.now() - ageMs);
    }
    this.#lookAt(clock.now() + lookAgainMs);
  }

  /** Records have changed. */
  changed(): void {
    this.#lookAt(this.#options.clock.now() + lookAgainMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.callOff();
  }

  #lookAt(atMs: number): void {
    if (this.#closed || (this.#timer !== undefined && this.#timer.atMs <= atMs)) return;
    this.#timer?.callOff();
    const callOff = this.#options.clock.at(atMs, () => {
      this.#timer = undefined;
      void this.#look().catch(this.#options.faulted);
    });
    this.#timer = { atMs, callOff };
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    const { clock, store } = this.#options;
    if (this.#looking) return this.#lookAt(clock.now() + lookAgainMs);
    this.#looking = true;
    try {
      this.#note(await store.stored());
      for (const [sha256, since] of this.#since) {
        // Looked at anew for each: others have had their turn since. The package is out of the way before anybody has the next.
        if (since + linkValidMs > clock.now() || this.#isNeeded(sha256)) continue;
        this.#since.delete(sha256);
        await store.remove(sha256);
      }
      const next = Math.min(...[...this.#since.values()].map((since) => since + linkValidMs));
      if (Number.isFinite(next)) this.#lookAt(Math.max(next, clock.now() + lookAgainMs));
    } finally {
      this.#looking = false;
    }
  }

  #note(stored: readonly StoredPackage[]): void {
    const kept = this.#options.kept();
    for (const { sha256 } of stored)
      if (kept.has(sha256)) this.#since.delete(sha256);
      else if (!this.#since.has(sha256)) this.#since.set(sha256, this.#options.clock.now());
  }

  #isNeeded(sha256: string): boolean {
    const { store, kept, inUse, isBusy } = this.#options;
    return isBusy() || kept().has(sha256) || inUse().has(store.treeOf(sha256));
  }
}
