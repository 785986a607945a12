/** What a member of a request may be: the constraints of Lambda's model as data, and the TypeScript type that follows from them. */

export type Shape =
  | TextShape
  | NumberShape
  | { readonly kind: "boolean" }
  /** Bytes, base64 in JSON; they are left as they came and decoded by whoever needs them. */
  | { readonly kind: "blob" }
  | ListShape
  | MapShape
  | StructureShape;

export interface TextShape {
  readonly kind: "text";
  readonly min?: number;
  readonly max?: number;
  /** The whole text has to match, in the words AWS quotes. */
  readonly pattern?: string;
  /** Pass for the pattern, since a rule beyond the model answers them. */
  readonly except?: readonly string[];
  readonly values?: readonly string[];
}

export interface NumberShape {
  /** A `number` may have a fraction. */
  readonly kind: "integer" | "number";
  readonly min?: number;
  readonly max?: number;
}

export interface ListShape<Of extends Shape = Shape> {
  readonly kind: "list";
  readonly of: Of;
  readonly min?: number;
  readonly max?: number;
}

export interface MapShape<Value extends Shape = Shape> {
  readonly kind: "map";
  readonly key: TextShape;
  readonly value: Value;
  /** The value is never quoted in an error. */
  readonly secret?: true;
}

export interface StructureShape<Members extends MemberShapes = MemberShapes> {
  readonly kind: "structure";
  readonly members: Members;
}

export type MemberShapes = Readonly<Record<string, Shape & { readonly required?: true }>>;

/** The value a client sends for a shape, once it was checked. */
export type ValueOf<S> = S extends TextShape
  ? S extends { readonly values: readonly (infer V)[] }
    ? V
    : string
  : S extends { readonly kind: "blob" }
    ? string
    : S extends NumberShape
      ? number
      : S extends { readonly kind: "boolean" }
        ? boolean
        : S extends ListShape<infer Of>
          ? readonly ValueOf<Of>[]
          : S extends MapShape<infer Value>
            ? Readonly<Record<string, ValueOf<Value>>>
            : S extends StructureShape<infer Members>
              ? MembersOf<Members>
              : never;

export type MembersOf<Members> = {
  readonly [Name in keyof Members as Members[Name] extends { readonly required: true } ? Name : never]: ValueOf<
    Members[Name]
  >;
} & {
  readonly [Name in keyof Members as Members[Name] extends { readonly required: true } ? never : Name]?: ValueOf<
    Members[Name]
  >;
};

export const text = <const Rules extends Omit<TextShape, "kind">>(rules: Rules): Rules & { readonly kind: "text" } => ({
  kind: "text",
  ...rules,
});
export const oneOf = <const Values extends readonly string[]>(
  ...values: Values
): { readonly kind: "text"; readonly values: Values } => ({ kind: "text", values });
export const integer = (min?: number, max?: number): NumberShape & { readonly kind: "integer" } => ({
  kind: "integer",
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
export const number = (min: number, max: number): NumberShape & { readonly kind: "number" } => ({
  kind: "number",
  min,
  max,
});
export const boolean = { kind: "boolean" } as const;
export const blob = { kind: "blob" } as const;
export const anyText = text({});
export const list = <const Of extends Shape>(of: Of, min?: number, max?: number): ListShape<Of> => ({
  kind: "list",
  of,
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
export const map = <const Value extends Shape>(key: TextShape, value: Value): MapShape<Value> => ({
  kind: "map",
  key,
  value,
});
export const structure = <const Members extends MemberShapes>(members: Members): StructureShape<Members> => ({
  kind: "structure",
  members,
});
export const required = <const S extends Shape>(shape: S): S & { readonly required: true } => ({
  ...shape,
  required: true,
});
