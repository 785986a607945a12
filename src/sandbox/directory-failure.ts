/** What to say when the directory of a sandbox could not be made: a full disk has an error of its own. */
import { failure, LambdariumError } from "../errors.ts";

export function directoryFailure(path: string, error: unknown): unknown {
  if (error instanceof LambdariumError) {
    return error;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT"
    ? failure("disk-full", { path }, error)
    : failure("sandbox-directory-failed", { path, why: message }, error);
}
