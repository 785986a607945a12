/** AWS's own clients, which whoever needs one installs; everybody else never loads them. */
import { createRequire } from "node:module";
import path from "node:path";
import { failure } from "../errors.ts";

/**
 * Finds a client beside this package, or in the project of the current directory; loads nothing yet.
 * @throws LambdariumError `aws-client-missing`
 */
export function findAwsClient(name: string, purpose: string): string {
  for (const from of [import.meta.url, path.resolve("package.json")]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // The next place.
    }
  }
  throw failure("aws-client-missing", { purpose, package: name });
}

/** Takes some 200 ms the first time. @throws LambdariumError `aws-client-missing` */
export const loadAwsClient = (name: string, purpose: string): unknown =>
  createRequire(import.meta.url)(findAwsClient(name, purpose));
