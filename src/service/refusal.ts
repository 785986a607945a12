/** A command that ends because the caller asked for what cannot be. */
import { serviceError, type ServiceError, type ServiceErrorName } from "./service-error.ts";

/**
 * Thrown where it is found, caught once where the answer is made: a command checks a dozen things in a row, some of them deep
 * inside, and each could only pass the refusal on.
 */
export class Refusal extends Error {
  readonly error: ServiceError;

  constructor(error: ServiceError) {
    super(error.message);
    this.name = error.name;
    this.error = error;
  }
}

export const refusal = (name: ServiceErrorName, message: string): Refusal => new Refusal(serviceError(name, message));

/** Rules beyond the model (SVC-11). */
export const invalidValue = (message: string): Refusal => refusal("InvalidParameterValueException", message);
export const notFound = (message: string): Refusal => refusal("ResourceNotFoundException", message);
export const conflict = (message: string): Refusal => refusal("ResourceConflictException", message);
