/** The error of ours when a directory for packages cannot be used. */
import { tmpdir } from "node:os";
import { failure } from "../../errors.ts";

/** `dataDirectory` is absent when it was one for temporary files. */
export function directoryFailure(dataDirectory: string | undefined, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = dataDirectory ?? tmpdir();
  if (code === "ENOSPC" || code === "EDQUOT") return failure("disk-full", { path: where }, error);
  return dataDirectory === undefined
    ? failure("sandbox-directory-failed", { path: where, why: message }, error)
    : failure("data-directory-failed", { path: where, why: message }, error);
}
