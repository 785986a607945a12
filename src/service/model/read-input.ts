/** From an HTTP request to the input of an operation, checked against the model. */
import { type AwsRequest, BodyTooLarge } from "../../aws-api/exchange.ts";
import { refusal, type Refusal } from "../refusal.ts";
import { validationMessage } from "./check-input.ts";
import { operations, type OperationName } from "./operations.ts";
import type { OperationShape } from "./operation.ts";
import { readStructure } from "./read-value.ts";
import type { Shape } from "./shape.ts";

/** SVC-20 */
const mostRequestBytes = 70_167_211;

/** @throws Refusal SerializationException, ValidationException or RequestEntityTooLargeException. */
export async function readInput(
  name: OperationName,
  labels: Readonly<Record<string, string>>,
  request: AwsRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const operation = operations[name];
  const body = operation.rawBody === true ? {} : await readBody(name, operation, request);
  const input = { ...body, ...readQuery(operation, request), ...readHeaders(operation, request) };
  for (const [label, value] of Object.entries(labels)) input[label] = fromText(operation.input[label], value);
  return requireValid(operation, input);
}

/**
 * An input that came as a value, from inside this process.
 * @throws Refusal SerializationException or ValidationException.
 */
export function checkedInput(name: OperationName, value: unknown): Readonly<Record<string, unknown>> {
  const operation = operations[name];
  return requireValid(operation, readStructure(operation.input, value));
}

function requireValid(operation: OperationShape, input: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const message = validationMessage(operation.input, input);
  if (message !== undefined) throw refusal("ValidationException", message);
  return input;
}

async function readBody(
  name: OperationName,
  operation: OperationShape,
  request: AwsRequest,
): Promise<Record<string, unknown>> {
  const elsewhere = new Set([...Object.keys(operation.query ?? {}), ...labelNames(operation)]);
  const members = Object.fromEntries(Object.entries(operation.input).filter(([member]) => !elsewhere.has(member)));
  if (Object.keys(members).length === 0) return {};
  const bytes = await request.body(mostRequestBytes).catch((cause: unknown) => {
    throw cause instanceof BodyTooLarge ? tooLarge(name) : cause;
  });
  if (bytes.byteLength === 0) return {};
  return readStructure(members, parsed(bytes));
}

const tooLarge = (name: string): Refusal =>
  refusal(
    "RequestEntityTooLargeException",
    `Request must be smaller than ${mostRequestBytes} bytes for the ${name} operation`,
  );

const labelNames = ({ path }: OperationShape): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, label]) => label!);

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refusal("SerializationException", `Could not parse request body into json: ${(error as Error).message}`);
  }
}

function readQuery({ query, input }: OperationShape, request: AwsRequest): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [member, name] of Object.entries(query ?? {})) {
    const shape = input[member]!;
    const given = request.query.getAll(name);
    if (given.length === 0) continue;
    values[member] = shape.kind === "list" ? given : fromText(shape, given[0]!);
  }
  return values;
}

function readHeaders({ headers }: OperationShape, request: AwsRequest): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [member, name] of Object.entries(headers ?? {})) {
    const value = request.headers[name];
    if (value !== undefined && value !== "") values[member] = value;
  }
  return values;
}

function fromText(shape: Shape | undefined, value: string): unknown {
  if (shape?.kind !== "integer") return value;
  if (!/^-?\d{1,15}$/.test(value))
    throw refusal("SerializationException", `STRING_VALUE can not be converted to an Integer`);
  return Number(value);
}
