/** The runtime identifier for a function that names none. */
import { knownPythons } from "./installed-interpreters.ts";
import type { Machine } from "./machine.ts";
import { nearestIdentifier, runtimeIdentifiers, type Language } from "./runtime-catalogue.ts";

/** The one nearest to what this machine has: to the Node.js that runs us, to the Python found first. */
export function defaultRuntime(language: Language, machine: Machine): string {
  switch (language) {
    case "nodejs":
      return nearestIdentifier("nodejs", machine.nodeVersion);
    case "python": {
      const known = knownPythons(machine);
      // One that is exactly a runtime's spares the user a notice.
      const exact = known.find(({ version }) => runtimeIdentifiers.includes(`python${minorOf(version)}`));
      return nearestIdentifier("python", (exact ?? known[0])?.version ?? "3.13");
    }
    case "provided":
      return "provided.al2023";
    default:
      return language satisfies never;
  }
}

const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
