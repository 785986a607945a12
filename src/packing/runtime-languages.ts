/** Which programs the runtimes of Lambda have that a script can ask for. */

/** All runtimes that Lambda still creates functions for, as PublishLayerVersion takes them. */
export const offeredRuntimes: readonly string[] = [
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "python3.10",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "ruby3.2",
  "ruby3.3",
  "ruby3.4",
  "java8.al2",
  "java11",
  "java17",
  "java21",
  "java25",
  "dotnet8",
  "dotnet10",
  "provided.al2",
  "provided.al2023",
];

/** Those with glibc 2.26. */
export const onAmazonLinux2: ReadonlySet<string> = new Set([
  "python3.10",
  "python3.11",
  "ruby3.2",
  "java8.al2",
  "java11",
  "java17",
  "provided.al2",
]);

/** A layer names at most so many. */
export const mostRuntimes = 15;

/** `everywhere`, the prefix of the runtimes that have it, or nothing that is known. */
export function whereFound(interpreter: string): string | undefined {
  const name = interpreter.slice(interpreter.lastIndexOf("/") + 1);
  if (/^(ba)?sh$/.test(name)) return "everywhere";
  if (name === "node") return "nodejs";
  if (/^python3?(\.\d+)?$/.test(name)) return "python";
  if (name === "ruby" || name === "java") return name;
  return undefined;
}
