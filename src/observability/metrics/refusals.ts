/** How CloudWatch refuses, with the names and statuses of AWS's model. */
import type { Outcome, Refusal } from "../../aws-api/rpc-operation.ts";

const refuse =
  (name: string, queryCode: string, status = 400) =>
  (message: string): { readonly refusal: Refusal } => ({ refusal: { name, queryCode, status, message } });

export const invalidValue = refuse("InvalidParameterValueException", "InvalidParameterValue");
export const invalidCombination = refuse("InvalidParameterCombinationException", "InvalidParameterCombination");
export const missingParameter = refuse("MissingRequiredParameterException", "MissingParameter");
export const invalidNextToken = refuse("InvalidNextToken", "InvalidNextToken");
export const validationError = refuse("ValidationException", "ValidationError");

export type Refused = Extract<Outcome<never>, { refusal: Refusal }>;
