/** The command lines of managed runtimes, with real interpreters and wrapper scripts. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { findRuntime, type FoundRuntime } from "../../src/runtimes/find-runtime.ts";
import { runtimeCommand } from "../../src/runtimes/runtime-command.ts";
import { startRuntime, type RuntimeProcess } from "../fixtures/runtime-process.ts";

const built = fileURLToPath(new URL("../../dist/runtimes/", import.meta.url));

const running: RuntimeProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((runtime) => runtime.end()));
});

const sources = {
  nodejs: {
    "app.js": "exports.handler = async () => [process.execArgv, process.argv.slice(2), process.env.SEEN]",
  },
  python: {
    "app.py": [
      "import os, sys",
      "def handler(event, context): return [sorted(sys._xoptions), sys.argv[1:], os.environ.get('SEEN')]",
    ].join("\n"),
  },
};

async function start(
  runtime: FoundRuntime,
  variables: Readonly<Record<string, string>>,
  layer: Readonly<Record<string, string>> = {},
) {
  const language = runtime.language as "nodejs" | "python";
  const placesOf = ({ task, opt }: { task: string; opt: string }) => {
    const paths = { task, opt, runtime: join(built, language), lang: join(dirname(task), "lang") };
    const files = { codeDirectory: task, layerDirectories: [opt], handler: "app.handler", memorySizeMb: 128 };
    const command = runtimeCommand({ runtime, paths, variables, ...files });
    if (command.kind !== "start") throw new Error(command.error);
    return { paths, command };
  };
  const started = await startRuntime({
    files: sources[language],
    layer,
    handler: "app.handler",
    command(places) {
      const { paths, command } = placesOf(places);
      mkdirSync(join(paths.lang, "bin"), { recursive: true });
      for (const { name, file } of runtime.interpreters) symlinkSync(file, join(paths.lang, "bin", name));
      return [command.file, ...command.args];
    },
    env: (places) => ({ ...placesOf(places).command.variables, ...variables }),
  });
  running.push(started);
  return started;
}

const wrapper = { AWS_LAMBDA_EXEC_WRAPPER: "/opt/wrapper" };
const python = await findRuntime("python3.12").catch(() => undefined);
if (python === undefined)
  console.warn("Tests of Python's command line are skipped: there is no Python on this machine");

test("the command line of Node.js starts the runtime program", async () => {
  const { api } = await start(await findRuntime("nodejs22.x"), {});
  const [flags, args, seen] = JSON.parse((await api.invoke()).body) as [string[], string[], unknown];
  expect(flags).toContain("--max-old-space-size=115");
  expect([args, seen]).toEqual([[], null]);
});

test("[ENV-77] NODE_OPTIONS reaches Node.js", async () => {
  const { api } = await start(await findRuntime("nodejs22.x"), { NODE_OPTIONS: "--require /opt/nowhere.js" });
  void api.invoke();
  const { exited, stderr } = running[0]!;
  expect((await exited).code).toBe(1);
  expect(stderr()).toContain("/opt/nowhere.js");
});

test("[ENV-71] a wrapper gets the interpreter's path and all its arguments", async () => {
  const layer = { wrapper: '#!/bin/sh\nSEEN="$*"\nexport SEEN\nexec "$@"\n' };
  const { api } = await start(await findRuntime("nodejs22.x"), wrapper, layer);
  const [, , seen] = JSON.parse((await api.invoke()).body) as [unknown, unknown, string];
  expect(seen).toMatch(/\/lang\/bin\/node .*\/nodejs\/bootstrap\.js$/);
});

test('[ENV-72] a wrapper that runs exec "$@" changes nothing, and what it exports reaches the function', async () => {
  const runtime = await findRuntime("nodejs22.x");
  const bare = await start(runtime, {});
  const wrapped = await start(runtime, wrapper, { wrapper: '#!/bin/sh\nexport SEEN=it\nexec "$@"\n' });
  const [flags, args] = JSON.parse((await bare.api.invoke()).body) as unknown[];
  expect(JSON.parse((await wrapped.api.invoke()).body)).toEqual([flags, args, "it"]);
});

// The way of AWS's own examples: the options go before the last argument.
const insert = (option: string) => `#!/bin/bash\nargs=("$@")\nexec "\${args[@]:0:$#-1}" ${option} "\${args[@]: -1}"\n`;

test("[ENV-73] options that a wrapper inserts reach Node.js", async () => {
  const layer = { wrapper: insert("--stack-trace-limit=7") };
  const { api } = await start(await findRuntime("nodejs22.x"), wrapper, layer);
  const [flags] = JSON.parse((await api.invoke()).body) as [string[]];
  expect(flags.at(-1)).toBe("--stack-trace-limit=7");
});

test("[ENV-74] a wrapper that does not exist ends with exit status 127", async () => {
  const { exited } = await start(await findRuntime("nodejs22.x"), wrapper);
  expect(await exited).toEqual({ code: 127, signal: null });
});

describe.skipIf(python === undefined)("Python", () => {
  test("its command line starts the runtime program", async () => {
    const { api } = await start(python!, {});
    expect(JSON.parse((await api.invoke()).body)).toEqual([["lambdarium_layers"], [], null]);
  });

  test("[ENV-73] options that a wrapper inserts reach it", async () => {
    const { api } = await start(python!, wrapper, { wrapper: insert("-X utf8") });
    expect(JSON.parse((await api.invoke()).body)).toEqual([["lambdarium_layers", "utf8"], [], null]);
  });

  test("[ENV-71] [ENV-72] a wrapper starts it, and what it exports reaches the function", async () => {
    const { api } = await start(python!, wrapper, { wrapper: '#!/bin/sh\nexport SEEN="$1"\nexec "$@"\n' });
    const [, , seen] = JSON.parse((await api.invoke()).body) as unknown[];
    expect(seen).toMatch(/\/lang\/bin\/python3\.12$/);
  });
});
