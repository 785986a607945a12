/** CreateLogGroup, DeleteLogGroup, DescribeLogGroups, retention, tags. */
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { integer, list, map, oneOf, string, structure } from "../../../aws-api/shapes.ts";
import type { GroupRow } from "../log-groups.ts";
import {
  groupArn,
  groupExists,
  groupIdentifier,
  groupName,
  invalid,
  logsOperation,
  type LogsService,
  nameIn,
  noGroup,
  token,
} from "./logs-operation.ts";
import { readToken, writeToken } from "./page-token.ts";

const ok = { output: undefined };

export function groupOperations(service: LogsService): Readonly<Record<string, JsonOperation>> {
  const { store, accountId } = service;
  return {
    CreateLogGroup: logsOperation(service, createShape, async ({ logGroupName, logGroupClass, tags }, { region }) => {
      if (logGroupClass !== undefined && logGroupClass !== "STANDARD")
        return invalid(`Log groups of class ${logGroupClass} are not offered by Lambdarium: STANDARD is.`);
      const created = await store.command("logs", "createGroup", {
        region,
        logGroup: logGroupName,
        accountId,
        now: Math.floor(service.now()),
        tags: JSON.stringify(tags ?? {}),
      });
      return created === "exists" ? groupExists : ok;
    }),
    DeleteLogGroup: logsOperation(service, nameShape, async ({ logGroupName }, { region }) =>
      (await store.command("logs", "deleteGroup", { region, logGroup: logGroupName })) ? ok : noGroup,
    ),
    DescribeLogGroups: describeLogGroups(service),
    PutRetentionPolicy: logsOperation(
      service,
      retentionShape,
      async ({ logGroupName, retentionInDays }, { region }) => {
        if (!retentions.includes(retentionInDays))
          return invalid(
            `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentions.join(", ")}]`,
          );
        const key = { region, logGroup: logGroupName };
        return (await store.command("logs", "setRetention", { ...key, days: retentionInDays })) ? ok : noGroup;
      },
    ),
    DeleteRetentionPolicy: logsOperation(service, nameShape, async ({ logGroupName }, { region }) =>
      (await store.command("logs", "setRetention", { region, logGroup: logGroupName, days: null })) ? ok : noGroup,
    ),
    ...tagOperations(service),
  };
}

const groupClass = () => oneOf(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]);
const createShape = structure(
  {
    logGroupName: groupName(),
    kmsKeyId: string({ max: 256 }),
    tags: map(string({ max: 256 })),
    logGroupClass: groupClass(),
  },
  ["logGroupName"],
);
const nameShape = structure({ logGroupName: groupName() }, ["logGroupName"]);
const retentionShape = structure({ logGroupName: groupName(), retentionInDays: integer() }, [
  "logGroupName",
  "retentionInDays",
]);
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const describeShape = structure({
  logGroupNamePrefix: groupName(),
  logGroupNamePattern: string({ max: 512, pattern: "[\\.\\-_/#A-Za-z0-9]*" }),
  logGroupClass: groupClass(),
  logGroupIdentifiers: list(groupIdentifier(), { min: 1, max: 50 }),
  nextToken: token(),
  limit: integer({ min: 1, max: 50 }),
});

const describeLogGroups = (service: LogsService): JsonOperation =>
  logsOperation(service, describeShape, async (input, { region }) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: part, nextToken, limit = 50 } = input;
    const { logGroupClass = "STANDARD", logGroupIdentifiers } = input;
    if (prefix !== undefined && part !== undefined)
      return invalid("LogGroupNamePrefix and LogGroupNamePattern cannot both be given.");
    if (logGroupIdentifiers !== undefined && (prefix ?? part ?? input.logGroupClass) !== undefined)
      return invalid("LogGroupIdentifiers cannot be given together with another filter.");
    if (logGroupClass !== "STANDARD") return { output: { logGroups: [] } };
    const names = logGroupIdentifiers?.map(nameIn);
    const query = { region, prefix: prefix ?? "", part: part ?? "", ...(names === undefined ? {} : { names }) };
    const after = readToken(nextToken, query, "");
    if (after === undefined) return invalid("The specified nextToken is invalid.");
    const rows = await service.store.query("logs", "groups", { ...query, after, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1)?.name;
    return {
      output: {
        logGroups: page.map(part === undefined ? groupText : shortGroupText),
        ...(rows.length > limit && last !== undefined ? { nextToken: writeToken(query, last) } : {}),
      },
    };
  });

function groupText(row: GroupRow): object {
  const logGroupArn = groupArn(row.region, row.account_id, row.name);
  return {
    logGroupName: row.name,
    creationTime: row.created_at,
    ...(row.retention_days === null ? {} : { retentionInDays: row.retention_days }),
    metricFilterCount: 0,
    arn: `${logGroupArn}:*`,
    storedBytes: row.stored_bytes,
    logGroupClass: "STANDARD",
    logGroupArn,
  };
}

/** What the API reference says of an answer to a search by logGroupNamePattern. */
const shortGroupText = (row: GroupRow): object => ({
  logGroupName: row.name,
  creationTime: row.created_at,
  arn: `${groupArn(row.region, row.account_id, row.name)}:*`,
});

/** The older three name the group, the newer three its ARN. */
function tagOperations(service: LogsService): Readonly<Record<string, JsonOperation>> {
  const { store } = service;
  const change = async (
    key: { region: string; logGroup: string },
    changed: (tags: Record<string, string>) => Record<string, string>,
  ) => {
    const group = await store.query("logs", "group", key);
    if (group === null) return noGroup;
    const tags = changed(JSON.parse(group.tags) as Record<string, string>);
    if (Object.keys(tags).length > 50)
      return { refusal: { name: "TooManyTagsException", status: 400, message: "A log group has 50 tags at most." } };
    return (await store.command("logs", "setTags", { ...key, tags: JSON.stringify(tags) })) ? ok : noGroup;
  };
  const shown = async (key: { region: string; logGroup: string }) => {
    const group = await store.query("logs", "group", key);
    return group === null ? noGroup : { output: { tags: JSON.parse(group.tags) as object } };
  };
  const without = (names: readonly string[]) => (tags: Record<string, string>) =>
    Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name)));
  return {
    TagResource: logsOperation(service, tagShape, ({ resourceArn, tags }, { region }) =>
      change({ region, logGroup: nameIn(resourceArn) }, (before) => ({ ...before, ...tags })),
    ),
    UntagResource: logsOperation(service, untagShape, ({ resourceArn, tagKeys }, { region }) =>
      change({ region, logGroup: nameIn(resourceArn) }, without(tagKeys)),
    ),
    ListTagsForResource: logsOperation(service, arnShape, ({ resourceArn }, { region }) =>
      shown({ region, logGroup: nameIn(resourceArn) }),
    ),
    TagLogGroup: logsOperation(service, tagGroupShape, ({ logGroupName, tags }, { region }) =>
      change({ region, logGroup: logGroupName }, (before) => ({ ...before, ...tags })),
    ),
    UntagLogGroup: logsOperation(service, untagGroupShape, ({ logGroupName, tags }, { region }) =>
      change({ region, logGroup: logGroupName }, without(tags)),
    ),
    ListTagsLogGroup: logsOperation(service, nameShape, ({ logGroupName }, { region }) =>
      shown({ region, logGroup: logGroupName }),
    ),
  };
}

const arn = () => string({ min: 1, max: 1011, pattern: "[\\w+=/:,.@-]*" });
const tagValues = () => map(string({ max: 256 }));
const tagKeys = () => list(string({ min: 1, max: 128 }));
const arnShape = structure({ resourceArn: arn() }, ["resourceArn"]);
const tagShape = structure({ resourceArn: arn(), tags: tagValues() }, ["resourceArn", "tags"]);
const untagShape = structure({ resourceArn: arn(), tagKeys: tagKeys() }, ["resourceArn", "tagKeys"]);
const tagGroupShape = structure({ logGroupName: groupName(), tags: tagValues() }, ["logGroupName", "tags"]);
const untagGroupShape = structure({ logGroupName: groupName(), tags: tagKeys() }, ["logGroupName", "tags"]);
