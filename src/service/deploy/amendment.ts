/** What the command line says about the functions of a project, over what the project says itself. */
import { extensionOf } from "../project/project-file.ts";
import type { ProjectFunction } from "../project/project.ts";

export interface Amendments {
  readonly extensions: readonly Amendment[];
  readonly environmentFiles: readonly Amendment[];
}

export interface Amendment {
  /** All functions when absent. */
  readonly functionName?: string;
  /** Absolute. */
  readonly path: string;
}

export const amendment =
  ({ extensions, environmentFiles }: Amendments) =>
  (project: ProjectFunction): ProjectFunction => {
    const mine = (all: readonly Amendment[]): string[] =>
      all
        .filter(({ functionName }) => functionName === undefined || functionName === project.name)
        .map(({ path }) => path);
    return {
      ...project,
      extensions: [...project.extensions, ...mine(extensions).map((place) => extensionOf(place, (same) => same))],
      environmentFiles: [...project.environmentFiles, ...mine(environmentFiles)],
    };
  };
