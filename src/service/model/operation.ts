/** An operation of the API as data: where it is found, what it takes, which status it answers with. */
import type { MembersOf, MemberShapes } from "./shape.ts";

export interface OperationShape<Members extends MemberShapes = MemberShapes> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Labels in braces are members of the input. */
  readonly path: string;
  /** Of an answer without a fault. */
  readonly status: number;
  readonly input: Members;
  /** Members that come in the query, under that name. */
  readonly query?: Readonly<Record<string, string>>;
  /** Members that come in headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Query parameters that tell it from another operation of the same path; `*` stands for any value. */
  readonly when?: Readonly<Record<string, string>>;
  /** The body is not JSON of the model but the function's own. */
  readonly rawBody?: true;
}

export type InputOf<Operation> = Operation extends OperationShape<infer Members> ? MembersOf<Members> : never;

type Route = `${OperationShape["method"]} /${string}`;

/** `route` is method and path; members are looked for in the body unless `at` says otherwise. */
export function operation<const Members extends MemberShapes>(
  route: Route,
  status: number,
  input: Members,
  at: Pick<OperationShape, "headers" | "when" | "rawBody"> & {
    readonly query?: readonly (keyof Members & string)[];
  } = {},
): OperationShape<Members> {
  const [method, path] = route.split(" ") as [OperationShape["method"], string];
  const { query, ...rest } = at;
  return {
    method,
    path,
    status,
    input,
    ...rest,
    ...(query === undefined ? {} : { query: Object.fromEntries(query.map((name) => [name, queryName(name)])) }),
  };
}

/** All members go by their own name but one. */
const queryName = (member: string): string => (member === "TagKeys" ? "tagKeys" : member);
