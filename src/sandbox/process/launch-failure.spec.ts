import { expect, test } from "vitest";
import { launchFailure } from "./launch-failure.ts";

test.each([
  ["EACCES", "permission denied"],
  ["ENOEXEC", "exec format error"],
  ["ENOENT", "no such file or directory"],
  ["EAGAIN", "resource temporarily unavailable"],
  ["EMFILE", "resource temporarily unavailable"],
  ["E2BIG", "argument list too long"],
  ["ETXTBSY", "text file busy"],
  ["EIO", "input/output error"],
  ["ESOMETHING", "input/output error"],
])("says of %s: %s", (code, reason) => {
  const error = Object.assign(new Error("spawn failed"), { code });
  expect(launchFailure(error)).toEqual({ started: false, reason, detail: "spawn failed" });
});
