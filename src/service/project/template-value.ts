/** A value of a template, known or not. */
import { type Located, memberOf } from "./located.ts";
import type { Place } from "./project.ts";

export type Value =
  | string
  | number
  | boolean
  | null
  | Reference
  | readonly Value[]
  | { readonly [name: string]: Value };

/** A layer or version of this template: it has its ARN only once it is deployed. */
export class Reference {
  readonly logicalId: string;

  constructor(logicalId: string) {
    this.logicalId = logicalId;
  }
}

export type Resolved<T extends Value = Value> =
  | { readonly kind: "known"; readonly value: T }
  /** `AWS::NoValue`: as if it were not there. */
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly place: Place; readonly why: string };

/** What a template's values depend on. */
export interface Surroundings {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  /** Values of parameters, of `Ref` to resources and of imports, by name: they come before all else. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** What `Ref` and `GetAtt` give for a resource. */
export type ResourceValues = (logicalId: string, attribute: string | undefined, place: Place) => Resolved | undefined;

export type ResolvedText = Resolved<string>;

export const known = <T extends Value>(value: T): Resolved<T> => ({ kind: "known", value });
export const absent = { kind: "absent" } as const;

export class Unknown extends Error {
  readonly place: Place;

  constructor(place: Place, why: string) {
    super(why);
    this.place = place;
  }
}

/** What `AWS::NoValue` is on its way to becoming absent. */
export const noValue: unique symbol = Symbol("AWS::NoValue");
export type Inner = Value | typeof noValue;

/** @throws Unknown for lists, maps and what is not deployed yet */
export function asText(value: Inner, place: Place): string {
  if (value instanceof Reference)
    throw new Unknown(place, `the ARN of ${value.logicalId} is known only once it is deployed`);
  if (value === noValue || value === null) return "";
  if (typeof value === "object") throw new Unknown(place, "a text is needed here");
  return String(value);
}

export function parameterValue(parameter: Located, text: string): Value {
  const type = memberOf(parameter, "Type");
  const name = type?.kind === "scalar" ? type.text : "String";
  if (name === "CommaDelimitedList" || name.startsWith("List<")) return text.split(",").map((item) => item.trim());
  return text;
}
