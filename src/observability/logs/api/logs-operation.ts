/** What every operation of CloudWatch Logs shares: input that conforms, refusals in the service's words. */
import { conform } from "../../../aws-api/conform.ts";
import type { AwsRequest } from "../../../aws-api/exchange.ts";
import type { JsonOperation, JsonOutcome } from "../../../aws-api/json-target-api.ts";
import { integer, type Shape, string } from "../../../aws-api/shapes.ts";
import type { Store } from "../../store/open-store.ts";
import { InvalidFilterPattern } from "../filter-pattern/pattern.ts";

export interface LogsService {
  readonly store: Store;
  /** 12 digits: owner of groups that clients create. */
  readonly accountId: string;
  /** Of requests that are not signed. */
  readonly defaultRegion: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `answer` may throw InvalidFilterPattern. */
export const logsOperation =
  <Input>(
    service: LogsService,
    shape: Shape<Input>,
    answer: (input: Input, call: { region: string; request: AwsRequest }) => Promise<JsonOutcome>,
  ): JsonOperation =>
  async (raw, request) => {
    const conformed = conform(shape, raw);
    if ("problem" in conformed) return invalid(conformed.problem);
    try {
      return await answer(conformed.value, { region: request.scope?.region ?? service.defaultRegion, request });
    } catch (error) {
      // By its name: what comes from the store's thread is no longer of the class.
      if ((error as Error).name === InvalidFilterPattern.name) return invalid((error as Error).message);
      throw error;
    }
  };

const refusal = (name: string, message: string) => ({ refusal: { name, status: 400, message } }) as const;

export const invalid = (message: string) => refusal("InvalidParameterException", message);
export const noGroup = refusal("ResourceNotFoundException", "The specified log group does not exist.");
export const noStream = refusal("ResourceNotFoundException", "The specified log stream does not exist.");
export const groupExists = refusal("ResourceAlreadyExistsException", "The specified log group already exists");
export const streamExists = refusal("ResourceAlreadyExistsException", "The specified log stream already exists");
export const invalidToken = invalid("The specified nextToken is invalid.");

export const groupName = () => string({ min: 1, max: 512, pattern: "[\\.\\-_/#A-Za-z0-9]+" });
export const groupIdentifier = () => string({ min: 1, max: 2048, pattern: "[\\w#+=/:,.@-]*" });
export const streamName = () => string({ min: 1, max: 512, pattern: "[^:*]*" });
export const timestamp = () => integer({ min: 0 });
export const token = () => string({ min: 1 });

/** The name in an identifier, which is a name or an ARN with or without `:*`. */
export const nameIn = (identifier: string): string =>
  /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;

/** The group that one of two members names, but not both. */
export function chosenGroup(input: {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
}): { readonly logGroup: string } | ReturnType<typeof invalid> {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    return invalid("LogGroupName and LogGroupIdentifier cannot both be given.");
  const identifier = logGroupName ?? logGroupIdentifier;
  if (identifier === undefined)
    return invalid(
      "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null",
    );
  return { logGroup: nameIn(identifier) };
}

export const groupArn = (region: string, accountId: string, logGroup: string): string =>
  `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}`;
