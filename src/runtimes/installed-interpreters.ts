/** Finds the interpreters of a language that are installed, by looking at names and running as little as possible. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, delimiter, isAbsolute, join } from "node:path";
import type { Machine } from "./machine.ts";

export interface Interpreter {
  readonly file: string;
  /** As far as it is known: `22.3.0`, `3.12`. */
  readonly version: string;
}

/** Those whose version shows without running them, the preferred one of a version first. */
export function knownNodes(machine: Machine): readonly Interpreter[] {
  const own = { file: machine.execPath, version: machine.nodeVersion };
  const { env, home } = machine;
  const data = env["XDG_DATA_HOME"] ?? join(home, ".local/share");
  return [
    own,
    ...onPath(machine, /^node(?:js)?-?(\d+)$/),
    ...installations(join(env["NVM_DIR"] ?? join(home, ".nvm"), "versions/node"), "bin/node"),
    ...installations(join(env["FNM_DIR"] ?? join(data, "fnm"), "node-versions"), "installation/bin/node"),
    ...installations(join(env["VOLTA_HOME"] ?? join(home, ".volta"), "tools/image/node"), "bin/node"),
    ...installations(join(env["ASDF_DATA_DIR"] ?? join(home, ".asdf"), "installs/nodejs"), "bin/node"),
    ...installations(join(env["MISE_DATA_DIR"] ?? join(data, "mise"), "installs/node"), "bin/node"),
    ...installations(join(env["N_PREFIX"] ?? "/usr/local", "n/versions/node"), "bin/node"),
    ...installations("/opt/homebrew/opt", "bin/node", /^node@(\d+)$/),
    ...installations("/usr/local/opt", "bin/node", /^node@(\d+)$/),
  ];
}

export function knownPythons(machine: Machine): readonly Interpreter[] {
  const { env, home } = machine;
  const data = env["XDG_DATA_HOME"] ?? join(home, ".local/share");
  const python = "bin/python3";
  return [
    ...plainPythons(machine),
    ...onPath(machine, /^python(3\.\d+)$/),
    ...installations(join(env["PYENV_ROOT"] ?? join(home, ".pyenv"), "versions"), python),
    ...installations(join(env["ASDF_DATA_DIR"] ?? join(home, ".asdf"), "installs/python"), python),
    ...installations(join(env["MISE_DATA_DIR"] ?? join(data, "mise"), "installs/python"), python),
    ...installations(join(data, "uv/python"), python, /^cpython-(3\.\d+\.\d+)-/),
    ...installations("/opt/homebrew/opt", python, /^python@(3\.\d+)$/),
    ...installations("/usr/local/opt", python, /^python@(3\.\d+)$/),
    ...installations("/Library/Frameworks/Python.framework/Versions", python, /^(3\.\d+)$/),
  ].filter(({ version }) => /^3\.\d\d/.test(version));
}

/** Interpreters on `PATH` whose version does not show; whoever needs it has to ask. */
export function unknownNodes(machine: Machine): readonly string[] {
  const own = realFile(machine.execPath);
  return [...new Set(searchFolders(machine).map((folder) => realFile(join(folder, "node"))))].filter(
    (file): file is string => file !== undefined && file !== own,
  );
}

export function unknownPythons(machine: Machine): readonly string[] {
  return searchFolders(machine)
    .map((folder) => realFile(join(folder, "python3")))
    .filter((file): file is string => file !== undefined && versionOfPython(file) === undefined);
}

/** `python3` is a symbolic link nearly everywhere, and the real file's name has the version. */
function plainPythons(machine: Machine): readonly Interpreter[] {
  return searchFolders(machine).flatMap((folder) => {
    const file = realFile(join(folder, "python3"));
    const version = file && versionOfPython(file);
    return file && version ? [{ file, version }] : [];
  });
}

const versionOfPython = (file: string): string | undefined => /^python(3\.\d+)$/.exec(basename(file))?.[1];

/** Version managers' shims choose by the current folder and take hundreds of milliseconds: never one of those. */
function searchFolders(machine: Machine): readonly string[] {
  const path = (machine.env["PATH"] ?? "").split(delimiter);
  return [...new Set([...path, ...machine.systemFolders])].filter(
    (folder) => isAbsolute(folder) && !/[/\\]shims[/\\]?$/.test(folder),
  );
}

function onPath(machine: Machine, name: RegExp): readonly Interpreter[] {
  return searchFolders(machine).flatMap((folder) =>
    entries(folder).flatMap((entry) => {
      const version = name.exec(entry)?.[1];
      const file = version && realFile(join(folder, entry));
      return version && file ? [{ file, version }] : [];
    }),
  );
}

/** Folders named by version, newest first: the highest patch of a version is the one to take. */
function installations(parent: string, program: string, name = /^v?(\d+\.\d+\.\d+)$/): readonly Interpreter[] {
  return entries(parent)
    .flatMap((entry) => {
      const version = name.exec(entry)?.[1];
      const file = join(parent, entry, program);
      return version !== undefined && existsSync(file) ? [{ file: realFile(file) ?? file, version }] : [];
    })
    .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realFile(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
