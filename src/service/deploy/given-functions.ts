/** What a project has given its functions, over the end of the process: what has left its file since is to be taken back. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ProjectFunction } from "../project/project.ts";

/** What is not replaced as a whole by the next deployment: others may have given a function some of it too. */
export type GivenFunction = Pick<
  ProjectFunction,
  "name" | "reservedConcurrency" | "asynchronous" | "url" | "aliases" | "tags"
>;

/** Another project in the same data directory, and this one in another region, has its own functions. */
export interface GivenBy {
  readonly file: string;
  readonly region: string;
}

interface GivenProject extends GivenBy {
  readonly functions: readonly GivenFunction[];
}

const fileIn = (workDirectory: string): string => path.join(workDirectory, "projects.json");

/** By name. */
export async function givenFunctions(workDirectory: string, by: GivenBy): Promise<Map<string, GivenFunction>> {
  const project = (await givenProjects(workDirectory)).find(isOf(by));
  return new Map(project?.functions.map((one) => [one.name, one]));
}

export async function rememberGiven(
  workDirectory: string,
  by: GivenBy,
  functions: Iterable<ProjectFunction | GivenFunction>,
): Promise<void> {
  const others = (await givenProjects(workDirectory)).filter((project) => !isOf(by)(project));
  const now: GivenProject = { ...by, functions: [...functions].map(givenOnly) };
  const file = fileIn(workDirectory);
  await mkdir(workDirectory, { recursive: true });
  // Never half of it, whatever happens now.
  await writeFile(`${file}.new`, JSON.stringify([...others, now]));
  await rename(`${file}.new`, file);
}

async function givenProjects(workDirectory: string): Promise<readonly GivenProject[]> {
  try {
    return JSON.parse(await readFile(fileIn(workDirectory), "utf8")) as GivenProject[];
  } catch {
    // The first time.
    return [];
  }
}

const isOf =
  (by: GivenBy) =>
  ({ file, region }: GivenProject): boolean =>
    file === by.file && region === by.region;

const givenOnly = ({ name, reservedConcurrency, asynchronous, url, aliases, tags }: GivenFunction): GivenFunction => ({
  name,
  aliases,
  tags,
  ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
  ...(asynchronous === undefined ? {} : { asynchronous }),
  ...(url === undefined ? {} : { url }),
});
