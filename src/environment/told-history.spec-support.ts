/** The history of a simulated environment in the short forms of the specification's order of emission. */
import type { Verdict } from "../protocol/telemetry-records.ts";
import type { Effect, RefusedCall } from "./effects.ts";
import type { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";

type Emitted = Extract<Effect, { effect: "emit" }>["record"];
type Report = Extract<Effect, { effect: "conclude invocation" }>["report"];
type RecordOf<T extends Emitted["type"]> = Extract<Emitted, { type: T }>;

const verdict = ({ status, errorType }: Verdict): string =>
  errorType === undefined ? status : `${status} ${errorType}`;

function recordForm(record: Emitted): string {
  switch (record.type) {
    case "platform.initStart":
      return `iS(${record.phase})`;
    case "platform.initRuntimeDone":
      return `iD(${record.phase} ${verdict(record)})`;
    case "platform.extension":
      return `X(${record.name} ${record.state})`;
    case "platform.initReport":
      return `iR(${record.phase} ${verdict(record)})`;
    case "platform.restoreStart":
      return "rS";
    case "platform.restoreRuntimeDone":
      return `rD(${verdict(record)})`;
    case "platform.restoreReport":
      return `rR(${verdict(record)})`;
    case "platform.start":
      return "S";
    case "platform.runtimeDone":
      return `D(${verdict(record)})`;
    default:
      return record satisfies never;
  }
}

/** `‖` stands where the processes of a generation were gone. */
export function orderOfEmission({ history }: SimulatedEnvironment): string {
  const forms = history.flatMap(({ effect }) => {
    if (effect.effect === "emit") return [recordForm(effect.record)];
    if (effect.effect === "conclude invocation") return [`R(${verdict(effect.report)})`];
    return effect.effect === "sweep" ? ["‖"] : [];
  });
  return forms.join(" ");
}

export const recordsOf = <T extends Emitted["type"]>({ history }: SimulatedEnvironment, type: T): RecordOf<T>[] =>
  history.flatMap(({ effect }) =>
    effect.effect === "emit" && effect.record.type === type ? [effect.record as RecordOf<T>] : [],
  );

export const recordTimesOf = ({ history }: SimulatedEnvironment, type: Emitted["type"]): number[] =>
  history.flatMap(({ at, effect }) => (effect.effect === "emit" && effect.record.type === type ? [at] : []));

export const reportsOf = ({ history }: SimulatedEnvironment): Report[] =>
  history.flatMap(({ effect }) => (effect.effect === "conclude invocation" ? [effect.report] : []));

/** When an effect of this name was carried out, in milliseconds since the start. */
export const timesOf = ({ history }: SimulatedEnvironment, name: Effect["effect"]): number[] =>
  history.flatMap(({ at, effect }) => (effect.effect === name ? [at] : []));

export const effectsOf = <N extends Effect["effect"]>(
  { history }: SimulatedEnvironment,
  name: N,
): (Extract<Effect, { effect: N }> & { readonly at: number })[] =>
  history.flatMap(({ at, effect }) =>
    effect.effect === name ? [{ at, ...(effect as Extract<Effect, { effect: N }>) }] : [],
  );

export const refusedCalls = (environment: SimulatedEnvironment): RefusedCall[] =>
  effectsOf(environment, "answer call").flatMap(({ refused }) => (refused === undefined ? [] : [refused]));

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What the callers got, in short; the platform's own payloads as the JSON they become. */
export const answersOf = ({ answers }: SimulatedEnvironment): string[] =>
  answers.map(({ answer }) => {
    switch (answer.kind) {
      case "response":
      case "posted error":
        return `${answer.kind}: ${text(answer.body)}`;
      case "platform error":
        return JSON.stringify(answer.payload);
      case "streamed response":
        return answer.kind;
      case "service error":
        return `${answer.status} ${answer.exception}`;
      default:
        return answer satisfies never;
    }
  });

/** A payload of the platform for the first invocation (RT-102, RT-107). */
export const payload = (errorType: string, said: string, requestId = "request-0"): string =>
  `{"errorType":"${errorType}","errorMessage":"RequestId: ${requestId} Error: ${said}"}`;
