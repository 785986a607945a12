// Grafana Loki from the Go module proxy, built where its module lies. Its go.mod names a part of itself by a relative
// path that is no part of the module: the same part as a module of its own, which it requires too, does instead.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";

const modulePath = "github.com/grafana/loki/v3";

/** Gives the problem, if there is one. */
export function downloadLoki(directory) {
  const { Dir: source } = JSON.parse(goOutput(directory, ["list", "-m", "-json", modulePath]));
  for (const kind of ["mod", "sum"]) {
    const copy = join(directory, `loki.${kind}`);
    copyFileSync(join(source, `go.${kind}`), copy);
    chmodSync(copy, 0o644);
  }
  const own = `-modfile=${join(directory, "loki.mod")}`;
  return (
    go(directory, ["mod", "edit", "-dropreplace=github.com/grafana/loki/pkg/push", join(directory, "loki.mod")]) ??
    go(directory, ["-C", source, "mod", "download", own])
  );
}

/** Not optimized: what runs for a few seconds is built in half the time. */
export function buildLoki(directory) {
  const { Dir: source } = JSON.parse(goOutput(directory, ["list", "-m", "-json", modulePath]));
  const options = ["-mod=mod", `-modfile=${join(directory, "loki.mod")}`, "-ldflags=-s -w"];
  const output = ["-o", join(directory, "loki"), "./cmd/loki"];
  return go(directory, ["-C", source, "build", ...options, "-gcflags=all=-N -l -dwarf=false", ...output]);
}

function go(cwd, args) {
  const { status, stderr, error } = spawnSync("go", args, {
    cwd,
    env: { ...process.env, CGO_ENABLED: "0" },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? undefined : `go ${args[0]} failed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
}

const goOutput = (cwd, args) => spawnSync("go", args, { cwd, encoding: "utf8" }).stdout;
