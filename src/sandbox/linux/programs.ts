/** Programs of this machine. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Path of a program where systems keep theirs, whatever PATH says. */
export function findProgram(name: string): string | undefined {
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

const directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
