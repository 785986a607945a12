/** All operations that are offered, by name. */
import {
  accessOperations,
  concurrencyOperations,
  eventInvokeOperations,
  functionUrlOperations,
  runtimeOperations,
} from "./setting-operations.ts";
import { functionOperations } from "./function-operations.ts";
import { invocationOperations } from "./invocation-operations.ts";
import { layerOperations } from "./layer-operations.ts";
import type { InputOf, OperationShape } from "./operation.ts";

/** Those that only read and change what the service keeps. */
const controlOperations = {
  ...functionOperations,
  ...layerOperations,
  ...concurrencyOperations,
  ...eventInvokeOperations,
  ...functionUrlOperations,
  ...accessOperations,
  ...runtimeOperations,
} as const;

export type ControlOperationName = keyof typeof controlOperations;
export type InvocationOperationName = keyof typeof invocationOperations;
export type OperationName = ControlOperationName | InvocationOperationName;

/** Input of the operation, once it was checked. */
export type Input<Name extends OperationName> = InputOf<(typeof controlOperations & typeof invocationOperations)[Name]>;

export const operations: Readonly<Record<OperationName, OperationShape>> = {
  ...controlOperations,
  ...invocationOperations,
};

export const isInvocation = (name: OperationName): name is InvocationOperationName => name in invocationOperations;
