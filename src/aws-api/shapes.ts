/** The shapes of an operation's input and output, as AWS's models have them: one description for every wire protocol. */

export type Form =
  | {
      readonly form: "string";
      readonly min?: number;
      readonly max?: number;
      readonly values?: readonly string[];
      /** What the whole text has to look like, as AWS's models write it. */
      readonly pattern?: string;
    }
  | { readonly form: "integer" | "double"; readonly min?: number; readonly max?: number }
  | { readonly form: "boolean" }
  /** A `Date`. */
  | { readonly form: "timestamp" }
  | { readonly form: "list"; readonly of: Form; readonly min?: number; readonly max?: number }
  | { readonly form: "map"; readonly of: Form }
  | {
      readonly form: "structure";
      readonly members: Readonly<Record<string, Form>>;
      readonly required: readonly string[];
    };

/** A form, and the type of the values that have it. */
export type Shape<Value> = Form & { readonly sample?: Value };

export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;

interface Length {
  readonly min?: number;
  readonly max?: number;
}

export const string = (limits: Length & { readonly pattern?: string } = {}): Shape<string> => ({
  form: "string",
  ...limits,
});
export const oneOf = <const V extends readonly string[]>(values: V): Shape<V[number]> => ({ form: "string", values });
export const integer = (range: Length = {}): Shape<number> => ({ form: "integer", ...range });
export const double = (): Shape<number> => ({ form: "double" });
export const boolean = (): Shape<boolean> => ({ form: "boolean" });
export const timestamp = (): Shape<Date> => ({ form: "timestamp" });
export const list = <V>(of: Shape<V>, length: Length = {}): Shape<readonly V[]> => ({ form: "list", of, ...length });
export const map = <V>(of: Shape<V>): Shape<Readonly<Record<string, V>>> => ({ form: "map", of });

type Members = Readonly<Record<string, Shape<unknown>>>;
type Structure<M extends Members, R extends keyof M> = { readonly [K in R]: ValueOf<M[K]> } & {
  readonly [K in Exclude<keyof M, R>]?: ValueOf<M[K]>;
};

/** Members that are not named as required may be absent. */
export const structure = <M extends Members, const R extends keyof M & string = never>(
  members: M,
  required: readonly R[] = [],
): Shape<Structure<M, R>> => ({ form: "structure", members, required });
