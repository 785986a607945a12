/** Which function, version or alias a request names (SVC-23 to SVC-28). */
import type { FunctionTarget } from "../directory.ts";
import { invalidValue, notFound, refusal } from "../refusal.ts";

interface Place {
  readonly region: string;
  readonly accountId: string;
}

/**
 * `given` has passed the model's pattern; `qualifier` is what the query says.
 * @throws Refusal
 */
export function parseTarget(given: string, qualifier: string | undefined, place: Place): FunctionTarget {
  const { region, accountId, name, qualifier: own } = parseFunctionName(given);
  if (region !== undefined && region !== place.region)
    throw notFound(`Functions from '${region}' are not reachable in this region ('${place.region}')`);
  if (accountId !== undefined && accountId !== place.accountId)
    throw refusal("AccessDeniedException", `Account ${accountId} is not ${place.accountId}, whose functions are here.`);
  if (own !== undefined && qualifier !== undefined && own !== qualifier)
    throw invalidValue("The derived qualifier from the function name does not match the specified qualifier.");
  const asked = qualifier ?? own;
  return { region: place.region, name, ...(asked === undefined ? {} : { qualifier: asked }) };
}

interface FunctionName {
  readonly region?: string;
  readonly accountId?: string;
  readonly name: string;
  readonly qualifier?: string;
}

const form =
  /^(?:(?:arn:[\w-]+:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?)([\w-]+)(?::(\$?[\w-]+))?$/;

function parseFunctionName(given: string): FunctionName {
  const [, region, accountId, name = given, qualifier] = form.exec(given) ?? [];
  return {
    name,
    ...(region === undefined ? {} : { region }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(qualifier === undefined ? {} : { qualifier }),
  };
}

export const isVersionNumber = (qualifier: string): boolean => /^\d+$/.test(qualifier);
