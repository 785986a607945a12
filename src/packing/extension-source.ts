/** Tells source code, which is bundled before it is started, from a program that is ready. */
import { access, constants } from "node:fs/promises";
import path from "node:path";

/**
 * TypeScript always is; JavaScript where the file cannot be executed. One that can is started as it is, as Lambda does
 * with whatever lies in `/opt/extensions`.
 */
export async function isExtensionSource(file: string): Promise<boolean> {
  if (/\.[cm]?ts$/i.test(file)) return true;
  if (!/\.[cm]?js$/i.test(file)) return false;
  // No file of Windows has such a mark: those that git brings along are sources.
  if (process.platform === "win32") return true;
  return access(file, constants.X_OK).then(
    () => false,
    () => true,
  );
}

/** Whatever the mode says: the endings of what can be bundled. */
export const canBeBundled = (file: string): boolean => /\.[cm]?[jt]s$/i.test(file);

/** `src/my-extension.ts` and `my-extension/index.ts` are both `my-extension`. */
export function extensionName(file: string): string {
  const own = path.basename(file).replace(/\.[cm]?[jt]s$/i, "");
  if (own !== "index" && own !== "main" && own !== "extension") return own;
  const folders = path.dirname(path.resolve(file)).split(path.sep);
  return folders.findLast((folder) => folder !== "src" && folder !== "") ?? own;
}
