/** Plays a fleet without a machine: remembers what it ordered, and brings about what a machine would. */
import type { FunctionVersion } from "../functions/function-version.ts";
import { type Call, createFleet, type Fleet, type FleetSettings, type PooledEnvironment } from "./fleet.ts";
import type { FleetEffect, FleetEvent } from "./fleet-events.ts";
import { nextDue } from "./fleet-time.ts";
import { stepFleet } from "./fleet-step.ts";

const settings: FleetSettings = {
  maxEnvironments: 64,
  memoryMb: 16_384,
  placementWaitMs: 5000,
  keepAliveMs: 600_000,
  maxAgeMs: 7_200_000,
};

export const aPool = (functionName: string, changes: Partial<FunctionVersion> = {}): FunctionVersion => ({
  region: "us-east-1",
  accountId: "000000000000",
  functionName,
  version: "$LATEST",
  generation: "one",
  runtime: "nodejs22.x",
  handler: "index.handler",
  memorySizeMb: 128,
  ephemeralStorageMb: 512,
  timeoutMs: 3000,
  environmentVariables: {},
  logging: { format: "Text", group: `/aws/lambda/${functionName}` },
  tracingMode: "PassThrough",
  snapStart: false,
  codeDirectory: "/var/task",
  layerDirectories: [],
  extensionFiles: [],
  ...changes,
});

let calls = 0;

export const aCall = (
  functionName: string,
  pool: Partial<FunctionVersion> = {},
  changes: Partial<Call> = {},
): Call => ({
  callId: `call-${++calls}`,
  pool: aPool(functionName, pool),
  allocations: [],
  limits: { unreserved: 900 },
  ...changes,
});

export class Played {
  fleet: Fleet;
  now = 0;
  /** By call: `invoke`, the throttle's reason, or the effect that ended it. */
  readonly answers = new Map<string, string>();
  /** Environments that were ordered to end, in order. */
  readonly ended: number[] = [];
  readonly effects: FleetEffect[] = [];

  constructor(changes: Partial<FleetSettings> = {}) {
    this.fleet = createFleet({ ...settings, ...changes });
  }

  get environments(): readonly PooledEnvironment[] {
    return this.fleet.environments;
  }

  /** The id of the oldest environment. */
  get oldest(): number {
    const [environment] = this.fleet.environments;
    if (environment === undefined) throw new Error("There is no environment.");
    return environment.id;
  }

  /** Of all calls that ran, in order. */
  get concurrencies(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.effect === "invoke" ? [effect.concurrency] : []));
  }

  take(event: FleetEvent): readonly FleetEffect[] {
    const { fleet, effects } = stepFleet(this.fleet, event, this.now);
    this.fleet = fleet;
    for (const effect of effects) this.#note(effect);
    return effects;
  }

  /** Lets a call arrive, makes the environment it may need; gives the one that runs it. */
  run(call: Call): number {
    this.take({ event: "call arrived", call });
    this.makeAll();
    const busy = this.environments.find(
      ({ activity }) => activity.kind === "busy" && activity.call.callId === call.callId,
    );
    if (busy === undefined) throw new Error(`${call.callId} does not run: ${this.answers.get(call.callId)}`);
    return busy.id;
  }

  makeAll(): void {
    for (const { id, activity } of this.environments)
      if (activity.kind === "starting") this.take({ event: "environment made", environmentId: id });
  }

  initializeAll(succeeded = true): void {
    for (const { id, activity } of this.environments)
      if (activity.kind === "initializing")
        this.take({ event: "environment initialized", environmentId: id, succeeded });
  }

  conclude(environmentId: number, intact = true): void {
    this.take({ event: "call concluded", environmentId, intact });
  }

  goneAll(): void {
    for (const { id, activity } of this.environments)
      if (activity.kind === "ending") this.take({ event: "environment gone", environmentId: id });
  }

  /** Moves on as a host does: whatever is due by then happens at its time. */
  advance(byMs: number): void {
    const until = this.now + byMs;
    for (
      let due = nextDue(this.fleet, this.now);
      due !== undefined && due <= until;
      due = nextDue(this.fleet, this.now)
    ) {
      this.now = Math.max(due, this.now);
      this.take({ event: "time passed" });
    }
    this.now = until;
  }

  #note(effect: FleetEffect): void {
    this.effects.push(effect);
    if (effect.effect === "end environment") this.ended.push(effect.environmentId);
    if (!("callId" in effect)) return;
    if (this.answers.has(effect.callId)) throw new Error(`${effect.callId} is answered twice`);
    this.answers.set(effect.callId, effect.effect === "throttle call" ? effect.reason : effect.effect);
  }
}
