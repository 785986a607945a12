/** What extensions of the toolkit have on disk, undelivered. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Spool {
  /** Name of the directory. */
  readonly name: string;
  readonly records: number;
}

/**
 * Spools in the environment's own directory, where extensions have theirs in the process sandbox. One that was given another place,
 * or that lies in the `/tmp` of a sandbox that isolates, is not found; nor is any when the environment is gone.
 */
export function spoolsIn({ opt }: { readonly opt: string }): readonly Spool[] {
  if (opt === "/opt") return [];
  const directory = path.dirname(opt);
  return entriesOf(directory)
    .filter((name) => /\.spool(?:-\d+)?$/.test(name))
    .map((name) => ({ name, records: recordsIn(path.join(directory, name)) }));
}

/** Each batch has a line before it that says how many records it is of; `progress` says how far it was delivered. */
function recordsIn(spool: string): number {
  const [delivered = 0, frames = 0, records = 0] = textOf(path.join(spool, "progress")).split(" ").map(Number);
  let waiting = 0;
  for (const file of entriesOf(spool).filter((name) => name.endsWith(".spool"))) {
    const segment = Number.parseInt(file, 10);
    const heads = textOf(path.join(spool, file)).match(/^spool1 \d+ \d+ \d+/gm) ?? [];
    const counts = heads.map((head) => Number(head.split(" ")[1]));
    if (segment > delivered) waiting += sum(counts);
    if (segment === delivered) waiting += sum(counts.slice(frames)) - records;
  }
  return waiting;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** What is gone by now, or not ours to read, is empty. */
function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
