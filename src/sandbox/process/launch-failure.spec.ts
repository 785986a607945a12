import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findLaunchObstacle, launchFailure } from "./launch-failure.ts";

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

test("says of a script with CR LF line ends, and of a missing interpreter, what the kernel does not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lambdarium-launch-"));
  const script = join(directory, "script");
  await writeFile(script, "#!/bin/sh\r\necho hi\r\n", { mode: 0o755 });
  expect(await findLaunchObstacle(script)).toMatchObject({
    reason: "no such file or directory",
    detail: expect.stringContaining("CR LF"),
  });
  await writeFile(script, "#!/nowhere/interpreter -x\n");
  expect(await findLaunchObstacle(script)).toMatchObject({
    reason: "no such file or directory",
    detail: "the interpreter /nowhere/interpreter of its #! line does not exist",
  });
  await writeFile(script, "#! /bin/sh -e\n");
  expect(await findLaunchObstacle(script)).toBeUndefined();
  await rm(directory, { recursive: true });
});
