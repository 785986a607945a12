/** What main thread and store thread tell each other. */
import type { RowsByTable, StoreLimits } from "./store-engine.ts";
import type { TableName } from "./tables.ts";

export interface ThreadData {
  readonly directory?: string;
  readonly limits: StoreLimits;
  readonly reader: boolean;
}

export type ThreadRequest =
  | { readonly id: number; readonly kind: "insert"; readonly rows: RowsByTable }
  | {
      readonly id: number;
      readonly kind: "query" | "command";
      readonly table: TableName;
      readonly name: string;
      readonly argument: unknown;
    }
  | { readonly id: number; readonly kind: "close" };
