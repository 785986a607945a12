/** What is watched for a project, and what a changed file means for it. */
import path from "node:path";
import type { Project, ProjectFunction } from "../project/project.ts";

export interface WatchPlan {
  readonly roots: readonly WatchedRoot[];
}

/** A file, or a directory with all below it. */
interface WatchedRoot {
  readonly path: string;
  readonly concerns: { readonly kind: "project" } | { readonly kind: "code" | "rest"; readonly functionName: string };
}

/** What has to be done again. */
export interface Affected {
  /** The file that describes the project, or one it was made from. */
  readonly project: boolean;
  /** Functions of which code has changed, and nothing else. */
  readonly code: ReadonlySet<string>;
  /** Functions of which layers, extensions or files of variables have changed. */
  readonly whole: ReadonlySet<string>;
}

export interface WatchedFunction {
  readonly project: ProjectFunction;
  /** Where its code is read: for a single source file the directory around it. */
  readonly codePath: string | undefined;
  /** What its extensions were bundled from, when they could be. */
  readonly bundledFrom: readonly string[];
}

export function watchPlan(project: Project, functions: readonly WatchedFunction[]): WatchPlan {
  // The code of one function is a project without a file that describes it.
  const isDescribed = !functions.some(({ project: { code } }) => code.kind === "path" && code.path === project.file);
  const described: WatchedRoot[] = (isDescribed ? [project.file, ...project.alsoRead] : []).map((file) => ({
    path: file,
    concerns: { kind: "project" },
  }));
  const roots = functions.flatMap(
    ({ project: { name, layers, extensions, environmentFiles }, codePath, bundledFrom }): WatchedRoot[] => [
      ...(codePath === undefined ? [] : [{ path: codePath, concerns: { kind: "code", functionName: name } } as const]),
      ...[
        ...layers.flatMap((layer) => (layer.kind === "path" ? [layer.path] : [])),
        ...extensions.map((extension) => extension.path),
        ...bundledFrom,
        ...environmentFiles,
      ].map((place): WatchedRoot => ({ path: place, concerns: { kind: "rest", functionName: name } })),
    ],
  );
  return { roots: [...described, ...roots] };
}

export function affectedBy(changed: Iterable<string>, { roots }: WatchPlan): Affected {
  const code = new Set<string>();
  const whole = new Set<string>();
  let project = false;
  for (const file of changed) {
    for (const { path: root, concerns } of roots) {
      if (!isWithin(file, root) || isLitter(file, root)) continue;
      if (concerns.kind === "project") project = true;
      else (concerns.kind === "code" ? code : whole).add(concerns.functionName);
    }
  }
  return { project, code: new Set([...code].filter((name) => !whole.has(name))), whole };
}

export const isWithin = (file: string, root: string): boolean => file === root || file.startsWith(`${root}${path.sep}`);

/** True for what tools write below a root; what is itself a root is never litter. */
export function isLitter(file: string, root: string): boolean {
  const parts = path.relative(root, file).split(path.sep);
  if (parts.some((part) => litter.has(part))) return true;
  // Of thousands of packages only the note that npm leaves of what it did: watching them all takes seconds.
  const modules = parts.indexOf("node_modules");
  return modules >= 0 && parts.length > modules + 1 && parts[modules + 1] !== ".package-lock.json";
}

const litter: ReadonlySet<string> = new Set([".git", ".lambdarium", ".aws-sam", "cdk.out", "__pycache__", ".DS_Store"]);
