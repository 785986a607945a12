import { KeptFile } from "./kept-file.ts";

/** The memory of processes that is asked for at the end of every phase. */
export class FamilyMemory {
  #accounts = new Map<number, Account>();

  /** Sum of the most memory that each of these processes, and of their descendants that live, ever had resident. */
  sumOfPeaks(pids: Iterable<number>): number {
    const before = this.#accounts;
    this.#accounts = new Map();
    const all = new Set(pids);
    let sum = 0;
    // A set can grow while it is walked: new members come last.
    for (const pid of all) {
      const account = before.get(pid) ?? openAccount(pid);
      before.delete(pid);
      this.#accounts.set(pid, account);
      sum += peakBytes(account);
      for (const child of childrenOf(account)) all.add(child);
    }
    before.forEach(closeAccount);
    return sum;
  }

  close(): void {
    this.#accounts.forEach(closeAccount);
    this.#accounts.clear();
  }
}

interface Account {
  readonly status: KeptFile;
  readonly children: KeptFile;
}

const openAccount = (pid: number): Account => ({
  status: new KeptFile(`/proc/${pid}/status`),
  children: new KeptFile(`/proc/${pid}/task/${pid}/children`),
});

function closeAccount({ status, children }: Account): void {
  status.close();
  children.close();
}

/** 0 when the process is gone or may not be looked at. */
const peakBytes = ({ status }: Account): number => Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status.read())?.[1] ?? 0) * 1024;

/** Children that the first thread of a process started; threads of runtimes seldom start any. */
const childrenOf = ({ children }: Account): readonly number[] => children.read().split(" ").filter(Boolean).map(Number);
