/** The runtime identifiers this Lambda knows. */
import { failure } from "../errors.ts";

export type Language = "nodejs" | "python" | "provided";

export interface RuntimeDescription {
  readonly identifier: string;
  readonly language: Language;
  /** Of the language, as far as the identifier says it: `22`, `3.12`; of `provided`, the operating system. */
  readonly version: string;
}

const describe = (identifier: string, language: Language, version: string): RuntimeDescription => ({
  identifier,
  language,
  version,
});

const catalogue: readonly RuntimeDescription[] = [
  ...["20", "22", "24"].map((major) => describe(`nodejs${major}.x`, "nodejs", major)),
  ...["3.11", "3.12", "3.13", "3.14"].map((version) => describe(`python${version}`, "python", version)),
  ...["al2023", "al2"].map((system) => describe(`provided.${system}`, "provided", system)),
];

/** All identifiers, each language's oldest first. */
export const runtimeIdentifiers: readonly string[] = catalogue.map(({ identifier }) => identifier);

/** @throws LambdariumError `runtime-unknown` */
export function describeRuntime(identifier: string): RuntimeDescription {
  const found = catalogue.find((runtime) => runtime.identifier === identifier);
  if (found === undefined) throw failure("runtime-unknown", { identifier, known: runtimeIdentifiers });
  return found;
}

/** The identifier of `language` whose version is nearest to the one given; the newer one where two are as near. */
export function nearestIdentifier(language: "nodejs" | "python", version: string): string {
  const ofLanguage = catalogue.filter((runtime) => runtime.language === language);
  return nearest(version, ofLanguage)!.identifier;
}

/** The nearest by version; the newer one where two are as near, the first of those that are equal. */
export function nearest<T extends { readonly version: string }>(version: string, choices: readonly T[]): T | undefined {
  const wanted = weight(version);
  let best: T | undefined;
  for (const choice of choices) {
    if (best === undefined) best = choice;
    const nearer = Math.abs(weight(best.version) - wanted) - Math.abs(weight(choice.version) - wanted);
    if (nearer > 0 || (nearer === 0 && weight(choice.version) > weight(best.version))) best = choice;
  }
  return best;
}

/** Orders `22` and `3.12`; what follows is of no weight. */
function weight(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}
