/** What the functions and extensions of these tests tell outside the API: lines of a file whose name they are given. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

export interface Told {
  readonly kind: string;
  readonly what: unknown;
}

/** A directory that is gone when the tests of the file are over. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "lambdarium-clients-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Each line as JSON; nothing told yet is an empty list. */
export function toldIn(file: string): readonly Told[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told);
}

/** For what a clock says: above `low`, at most `high`. */
export const within =
  (low: number, high: number) =>
  (value: number): boolean =>
    value > low && value <= high;

/** For listeners that must know their port beforehand; all environments share this machine's. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
