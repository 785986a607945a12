/** Statements of resource policies, and how they come and go (SVC-258 to SVC-262). */
import { requireRevision } from "../functions/deployment.ts";
import { conflict, notFound, refusal } from "../refusal.ts";
import type { PolicyRecord, PolicyStatement } from "../state/records.ts";

/** SVC-262 */
const mostPolicyBytes = 20_480;

/** @throws Refusal */
export function withStatement(
  policy: PolicyRecord | undefined,
  statement: PolicyStatement,
  revisionId: string | undefined,
  newId: () => string,
): PolicyRecord {
  if (policy !== undefined) requireRevision(revisionId, policy.revisionId);
  const former = policy?.statements ?? [];
  if (former.some(({ Sid }) => Sid === statement.Sid))
    throw conflict(
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  const added = { revisionId: newId(), statements: [...former, statement] };
  if (Buffer.byteLength(policyText(added)) > mostPolicyBytes)
    throw refusal(
      "PolicyLengthExceededException",
      `The final policy size is larger than the limit of ${mostPolicyBytes} bytes.`,
    );
  return added;
}

/**
 * Nothing when it was the last one.
 * @throws Refusal
 */
export function withoutStatement(
  policy: PolicyRecord | undefined,
  id: string,
  revisionId: string | undefined,
  newId: () => string,
): PolicyRecord | undefined {
  if (policy === undefined || !policy.statements.some(({ Sid }) => Sid === id))
    throw notFound(`Statement ${id} is not found in resource policy.`);
  requireRevision(revisionId, policy.revisionId);
  const statements = policy.statements.filter(({ Sid }) => Sid !== id);
  return statements.length === 0 ? undefined : { revisionId: newId(), statements };
}

export const policyText = ({ statements }: PolicyRecord): string =>
  JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: statements });

/** SVC-258 */
export function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith("arn:") ? { AWS: principal } : { Service: principal };
}
