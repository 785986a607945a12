/** A project file cannot be used: everything that is wrong with it, each with its line. */
import { failure, type LambdariumError } from "../../errors.ts";
import type { Finding } from "./project.ts";

export class ProjectFault extends Error {
  readonly file: string;
  readonly faults: readonly Finding[];

  constructor(file: string, faults: readonly Finding[]) {
    super(faults.map((fault) => findingText(file, fault)).join("\n"));
    this.file = file;
    this.faults = faults;
  }

  toFailure(): LambdariumError {
    return failure("project-invalid", { file: this.file, problems: this.message });
  }
}

/** As compilers and editors write it. */
export const findingText = (file: string, { place, what }: Finding): string =>
  `${place.file ?? file}:${place.line}:${place.column}: ${what}.`.replace(/([.?!])\.$/, "$1");
