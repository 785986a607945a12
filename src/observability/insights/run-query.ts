/** A query at work: events go in, the newest first; rows come out at the end. */
import type { Row } from "./evaluate.ts";
import type { Command } from "./query-syntax.ts";
import type { Stage } from "./stage.ts";
import { stageOf } from "./stages.ts";
import { shown } from "./values.ts";

export type ResultRow = readonly { readonly field: string; readonly value: string }[];

/** The default of Logs Insights, and the least of what a query may be asked for. */
const defaultLimit = 10_000;

export class RunningQuery {
  readonly #first: Stage;
  readonly #rows: Row[] = [];
  readonly #columns: readonly string[];
  readonly #hasPointers: boolean;
  #wanting = true;
  matched = 0;

  constructor(asked: readonly Command[], limit = defaultLimit) {
    const commands = withoutNeedlessSort(asked);
    this.#columns = columnsOf(commands);
    this.#hasPointers = !commands.some(({ command }) => command === "stats");
    const rows = this.#rows;
    const result: Stage = {
      accept: (row) => {
        if (rows.length < limit) rows.push(row);
        return rows.length < limit;
      },
      end: () => {},
    };
    const counted = commands.findLastIndex(({ command }) => command === "filter");
    let next = result;
    for (const [index, command] of [...commands.entries()].toReversed()) {
      if (index === counted) next = this.#counting(next);
      next = stageOf(command, next, commands.slice(index + 1), limit);
    }
    this.#first = counted === -1 ? this.#counting(next) : next;
  }

  /** Takes the next event; false when the result is complete. */
  accept(event: Row): boolean {
    this.#wanting &&= this.#first.accept(event);
    return this.#wanting;
  }

  /** No event follows. */
  end(): void {
    this.#first.end();
  }

  /** Only fields that have a value; rows of events have a pointer to them. */
  get results(): readonly ResultRow[] {
    const columns = this.#hasPointers ? [...this.#columns, "@ptr"] : this.#columns;
    return this.#rows.map((row) =>
      columns.flatMap((field) => {
        const value = row.get(field);
        return value === undefined ? [] : [{ field, value: shown(value) }];
      }),
    );
  }

  /** What the last filter lets through is what the statistics call matched. */
  #counting(next: Stage): Stage {
    return {
      accept: (row) => {
        this.matched++;
        return next.accept(row);
      },
      end: next.end,
    };
  }
}

/** Events come the newest first: whoever asks for that, as nearly everybody does, need not wait for the oldest. */
function withoutNeedlessSort(commands: readonly Command[]): readonly Command[] {
  const first = commands.findIndex(({ command }) => command === "sort" || command === "stats");
  const sort = commands[first];
  if (sort?.command !== "sort" || sort.keys.length !== 1) return commands;
  const [key] = sort.keys;
  const made = commands.slice(0, first).flatMap(madeBy);
  const isNeedless = key?.descending === true && key.name === "@timestamp" && !made.includes("@timestamp");
  return isNeedless ? commands.toSpliced(first, 1) : commands;
}

/** Fields that are no longer what the event has. */
function madeBy(command: Command): readonly string[] {
  if (command.command === "parse") return command.names;
  if (command.command !== "fields" && command.command !== "display") return [];
  return command.columns.flatMap(({ name, expression }) =>
    expression.kind === "field" && expression.name === name ? [] : [name],
  );
}

/** The last `display`; otherwise all of `fields` since the last `stats`, and what that gave. */
function columnsOf(commands: readonly Command[]): readonly string[] {
  const display = commands.findLast(({ command }) => command === "display");
  if (display?.command === "display") return display.columns.map(({ name }) => name);
  let columns: readonly string[] = [];
  for (const command of commands) {
    if (command.command === "stats") columns = [...command.by, ...command.aggregates].map(({ name }) => name);
    if (command.command === "fields") columns = [...columns, ...command.columns.map(({ name }) => name)];
  }
  return columns.length === 0 ? ["@timestamp", "@message"] : [...new Set(columns)];
}
