/** TagResource, UntagResource, ListTags (SVC-254 to SVC-257). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { notFound, invalidValue } from "../refusal.ts";
import { targetOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import type { FunctionRecord } from "../state/records.ts";
import { checkTags } from "./check-tags.ts";

export function tagResource({ Resource, Tags }: Input<"TagResource">, call: ControlCall): Answer {
  const record = requireTaggable(Resource, call);
  if (Object.keys(Tags).length === 0) throw invalidValue("Tags cannot be empty.");
  return retagged(record, checkTags(Tags, record.tags), call);
}

export function untagResource({ Resource, TagKeys }: Input<"UntagResource">, call: ControlCall): Answer {
  const record = requireTaggable(Resource, call);
  const gone = new Set(TagKeys);
  return retagged(record, Object.fromEntries(Object.entries(record.tags).filter(([key]) => !gone.has(key))), call);
}

export const listTags = ({ Resource }: Input<"ListTags">, call: ControlCall): Answer => ({
  body: { Tags: requireTaggable(Resource, call).tags },
});

function requireTaggable(arn: string, call: ControlCall): FunctionRecord {
  const missing = notFound(
    `${arn.split(":").slice(5).join(":").startsWith("function:") ? "Function" : "Resource"} not found: ${arn}`,
  );
  if (!arn.includes(":function:")) throw missing;
  const target = targetOf({ FunctionName: arn }, call);
  if (target.qualifier !== undefined)
    throw invalidValue("Tags on function aliases and versions are not supported. Please specify a function ARN.");
  const record = call.view.functionNamed(call.region, target.name);
  if (record === undefined) throw missing;
  return record;
}

/** SVC-257: the generation stays, so no environment is replaced. */
const retagged = (record: FunctionRecord, tags: Readonly<Record<string, string>>, call: ControlCall): Answer => ({
  changes: [
    {
      kind: "function",
      record: {
        ...record,
        tags,
        latest: { ...record.latest, revisionId: call.newId(), lastModifiedMs: call.nowMs },
      },
    },
  ],
});
