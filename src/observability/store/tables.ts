/** Everything the store keeps. A subject adds its line here and nothing else in this folder. */
import { insightsTable } from "../insights/insights-table.ts";
import { logTable } from "../logs/log-table.ts";
import { metricTable } from "../metrics/metric-table.ts";
import { traceTable } from "../traces/trace-table.ts";
import type { StoreTable } from "./table.ts";

export const storeTables = {
  logs: logTable,
  metrics: metricTable,
  insights: insightsTable,
  traces: traceTable,
};

type Tables = typeof storeTables;

export type TableName = keyof Tables;

export type RowOf<Name extends TableName> =
  Tables[Name] extends StoreTable<infer Row, infer _Queries, infer _Commands> ? Row : never;

export type QueriesOf<Name extends TableName> = Tables[Name]["queries"];

export type CommandsOf<Name extends TableName> = Tables[Name]["commands"];

export type ArgumentOf<Query> = Query extends (database: never, argument: infer Argument) => unknown ? Argument : never;

export type ResultOf<Query> = Query extends (...given: never[]) => infer Result ? Result : never;
