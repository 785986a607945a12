/** Which events may start: those of one function in order of acceptance, as far as there is capacity (SVC-176). */
import type { FunctionTarget } from "../directory.ts";
import type { QueuedEvent } from "./queued-event.ts";

interface Lane {
  /** Never tried, in order of acceptance. */
  fresh: QueuedEvent[];
  /** To be tried again, the earliest first. */
  readonly later: QueuedEvent[];
  running: number;
}

/** How many events of the function may run at once. */
export type LaneLimit = (target: FunctionTarget) => number;

export class EventLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #most: number;
  readonly #laneLimit: LaneLimit;
  #running = 0;
  #bytes = 0;

  /** `most` events run at once, of all functions together. */
  constructor(most: number, laneLimit: LaneLimit) {
    this.#most = most;
    this.#laneLimit = laneLimit;
  }

  /** Of the events that wait. */
  get payloadBytes(): number {
    return this.#bytes;
  }

  /** All that wait. */
  *[Symbol.iterator](): Generator<QueuedEvent> {
    for (const { fresh, later } of this.#lanes.values()) {
      yield* later;
      yield* fresh;
    }
  }

  add(event: QueuedEvent): void {
    const lane = this.#lane(event.target);
    this.#bytes += event.payload.length;
    if (event.attempts === 0 && event.putBacks === 0) lane.fresh.push(event);
    else lane.later.splice(placeOf(lane.later, event.dueAt), 0, event);
  }

  /** Takes out what may start now; each has its place until `ended`. */
  takeReady(now: number): readonly QueuedEvent[] {
    const ready: QueuedEvent[] = [];
    for (const lane of this.#lanes.values()) this.#takeFrom(lane, now, ready);
    for (const { payload } of ready) this.#bytes -= payload.length;
    return ready;
  }

  ended({ target }: QueuedEvent): void {
    const lane = this.#lane(target);
    lane.running -= 1;
    this.#running -= 1;
    if (lane.running === 0 && lane.fresh.length === 0 && lane.later.length === 0) this.#lanes.delete(keyOf(target));
  }

  /** When the next event that is to be tried again is due; nothing when none waits. */
  nextDue(): number | undefined {
    let due: number | undefined;
    for (const { later } of this.#lanes.values()) {
      const [first] = later;
      if (first !== undefined && (due === undefined || first.dueAt < due)) due = first.dueAt;
    }
    return due;
  }

  /** The oldest of each function that was never tried: the first to be too old. */
  oldest(): readonly QueuedEvent[] {
    return [...this.#lanes.values()].flatMap(({ fresh }) => fresh.slice(0, 1));
  }

  #takeFrom(lane: Lane, now: number, ready: QueuedEvent[]): void {
    let taken = 0;
    const mayRun = (): boolean => {
      const next = lane.later[0] ?? lane.fresh[taken];
      return next !== undefined && this.#running < this.#most && lane.running < this.#laneLimit(next.target);
    };
    const take = (event: QueuedEvent): void => {
      ready.push(event);
      lane.running += 1;
      this.#running += 1;
    };
    for (let [first] = lane.later; first !== undefined && first.dueAt <= now && mayRun(); [first] = lane.later)
      take(lane.later.shift() ?? first);
    // Who was put back for want of room is not overtaken: there is none for others either.
    if (lane.later.some(({ putBacks }) => putBacks > 0)) return;
    for (let next = lane.fresh[taken]; next !== undefined && mayRun(); next = lane.fresh[taken]) {
      taken += 1;
      take(next);
    }
    if (taken > 0) lane.fresh = lane.fresh.slice(taken);
  }

  #lane(target: FunctionTarget): Lane {
    const key = keyOf(target);
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { fresh: [], later: [], running: 0 };
    this.#lanes.set(key, lane);
    return lane;
  }
}

const keyOf = ({ region, name }: FunctionTarget): string => `${region}:${name}`;

/** Behind all that are due at the same time or before. */
function placeOf(later: readonly QueuedEvent[], dueAt: number): number {
  let low = 0;
  let high = later.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((later[middle]?.dueAt ?? 0) <= dueAt) low = middle + 1;
    else high = middle;
  }
  return low;
}
