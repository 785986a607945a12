/** Whether the links of an archive stay inside it, however they lead through each other. */

/** Path and target text of the first link that leads outside, `undefined` when none does. */
export function findEscapingLink(
  links: ReadonlyMap<string, string>,
): { readonly path: string; readonly target: string } | undefined {
  for (const [path, target] of links) {
    if (leadsOutside(path, links)) {
      return { path, target };
    }
  }
  return undefined;
}

// What the kernel follows at most in one path; a chain that is longer leads nowhere.
const stepsAtMost = 40;

/** Walks as the kernel does: `a/..` is not `.` when `a` is a link. */
function leadsOutside(path: string, links: ReadonlyMap<string, string>): boolean {
  const rest = path.split("/");
  const walked: string[] = [];
  for (let steps = 0; rest.length > 0;) {
    const part = rest.shift();
    if (part === "..") {
      if (walked.pop() === undefined) {
        return true;
      }
    } else if (part !== undefined && part !== "" && part !== ".") {
      const target = links.get([...walked, part].join("/"));
      if (target === undefined) {
        walked.push(part);
      } else if (target.startsWith("/") || ++steps > stepsAtMost) {
        return target.startsWith("/");
      } else {
        rest.unshift(...target.split("/"));
      }
    }
  }
  return false;
}
