/** The store that something kept in a directory, for those who only read it. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { openStore, type Store } from "../observability/store/open-store.ts";

/** @throws LambdariumError `store-missing`, `store-unusable` */
export async function openKeptStore(directory: string): Promise<Store> {
  const found = await stat(path.join(directory, "observability.db")).catch(() => undefined);
  if (found === undefined) throw failure("store-missing", { directory });
  return openStore({ directory, reader: true });
}
