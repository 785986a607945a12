/** The parts of an ARN that lead to its resource. */
export interface ArnParts {
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** What stands behind the account, colons included. */
  readonly resource: string;
}

export function arnParts(arn: string): ArnParts {
  const [, , service = "", region = "", accountId = "", ...resource] = arn.split(":");
  return { service, region, accountId, resource: resource.join(":") };
}
