/** Whether the packages that the state names are as they were stored: a disk may have failed, a hand may have slipped. */
import type { CodeStore } from "../code/code-store.ts";
import { codeOf } from "./kept-code.ts";
import type { CodeReference } from "./records.ts";
import type { ServiceState } from "./service-state.ts";

/** A sentence for each that cannot be used; what can be made good is. Calls of its function are refused (SVC-150). */
export async function damagedPackages(state: ServiceState, store: Pick<CodeStore, "heal">): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [code, users] of usersByPackage(state)) {
    const damage = await store.heal(code);
    if (damage !== undefined)
      lines.push(`The package of ${users.join(" and ")} cannot be used: ${damage}. Deploy it again.`);
  }
  return lines;
}

function usersByPackage(state: ServiceState): Iterable<readonly [CodeReference, readonly string[]]> {
  const found = new Map<string, readonly [CodeReference, string[]]>();
  const add = (code: CodeReference, user: string): void => {
    if (code.kind !== "stored") return;
    const known = found.get(code.sha256);
    if (known === undefined) found.set(code.sha256, [code, [user]]);
    else if (!known[1].includes(user)) known[1].push(user);
  };
  for (const record of state.allFunctions()) for (const code of codeOf(record)) add(code, `function ${record.name}`);
  for (const { name, versions } of state.allLayers())
    for (const { version, code } of versions) add(code, `layer ${name}:${version}`);
  return found.values();
}
