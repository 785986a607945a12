/** What `Ref` and `GetAtt` give for a template's resources, as far as it is known before deployment. */
import { type Located, memberOf } from "./located.ts";
import type { Place } from "./project.ts";
import { Reference, type Resolved, type Surroundings } from "./template-value.ts";

export type TextOf = (node: Located) => string | undefined;

const value = (text: string): Resolved => ({ kind: "known", value: text });

/** Members with a resource's own name, where CloudFormation's `Ref` gives that name. */
const nameMembers: Readonly<Record<string, string>> = {
  "AWS::Serverless::Function": "FunctionName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::Serverless::SimpleTable": "TableName",
  "AWS::S3::Bucket": "BucketName",
  "AWS::IAM::Role": "RoleName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::SSM::Parameter": "Name",
  "AWS::Kinesis::Stream": "Name",
  "AWS::Events::EventBus": "Name",
};

/** ARNs that consist of what is in the template. */
const arns: Readonly<Record<string, (around: Surroundings, name: string) => string>> = {
  "AWS::Serverless::Function": lambdaArn,
  "AWS::Lambda::Function": lambdaArn,
  "AWS::DynamoDB::Table": ({ region, accountId }, name) => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
  "AWS::S3::Bucket": (_, name) => `arn:aws:s3:::${name}`,
  "AWS::SQS::Queue": ({ region, accountId }, name) => `arn:aws:sqs:${region}:${accountId}:${name}`,
  "AWS::SNS::Topic": ({ region, accountId }, name) => `arn:aws:sns:${region}:${accountId}:${name}`,
  "AWS::IAM::Role": ({ accountId }, name) => `arn:aws:iam::${accountId}:role/${name}`,
  "AWS::Logs::LogGroup": ({ region, accountId }, name) => `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`,
};

function lambdaArn({ region, accountId }: Surroundings, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}

/** Where the name is no `Ref` of its own: `Ref` gives the ARN of a topic and the URL of a queue. */
const nameMember = (type: string): string | undefined =>
  nameMembers[type] ?? { "AWS::SQS::Queue": "QueueName", "AWS::SNS::Topic": "TopicName" }[type];

const isFunction = (type: string): boolean => type === "AWS::Serverless::Function" || type === "AWS::Lambda::Function";

/** The type of a resource, and a function's physical name: its logical one where the template gives it none. */
export const typeOfResource = (resource: Located | undefined): string => {
  const type = memberOf(resource, "Type");
  return type?.kind === "scalar" ? type.text : "";
};

function physicalName(logicalId: string, resource: Located, text: TextOf): string | undefined {
  const type = typeOfResource(resource);
  const member = nameMember(type);
  const given = member === undefined ? undefined : memberOf(memberOf(resource, "Properties"), member);
  const name = given === undefined ? undefined : text(given);
  return name ?? (isFunction(type) || type === "AWS::IAM::Role" ? logicalId : undefined);
}

export function resourceValue(
  resources: Located | undefined,
  around: Surroundings,
  text: TextOf,
): (logicalId: string, attribute: string | undefined, place: Place) => Resolved | undefined {
  return (logicalId, attribute, place) => {
    const unknown: Resolved = {
      kind: "unknown",
      place,
      why: `${[logicalId, attribute].filter(Boolean).join(".")} is known only once it is deployed`,
    };
    // SAM makes `Hello.Version` and `Hello.Alias` of a function that publishes an alias.
    const [own = "", made] = logicalId.split(".");
    const resource = memberOf(resources, own);
    if (resource === undefined) return undefined;
    if (typeOfResource(resource) === "AWS::Lambda::Alias") {
      const arn = attribute === undefined || attribute === "AliasArn" ? aliasArn(resource, around, text) : undefined;
      return arn === undefined ? unknown : value(arn);
    }
    if (made === "Version" || (made === undefined && isDeployedHere(typeOfResource(resource))))
      return { kind: "known", value: new Reference(own) };
    const type = typeOfResource(resource);
    const name = physicalName(own, resource, text);
    if (name === undefined) return unknown;
    if (made === "Alias") {
      const alias = memberOf(memberOf(resource, "Properties"), "AutoPublishAlias");
      return alias === undefined ? unknown : value(`${lambdaArn(around, name)}:${text(alias) ?? ""}`);
    }
    if (attribute === undefined && (nameMembers[type] !== undefined || isFunction(type))) return value(name);
    if (attribute === undefined && type === "AWS::SNS::Topic") return value(arns[type]?.(around, name) ?? "");
    const isArn = attribute === "Arn" || attribute === "TopicArn";
    const arn = isArn ? arns[type]?.(around, name) : undefined;
    if (arn !== undefined) return value(arn);
    return attribute === "QueueName" || attribute === "TopicName" ? value(name) : unknown;
  };
}

function aliasArn(alias: Located, around: Surroundings, text: TextOf): string | undefined {
  const [owner, name] = ["FunctionName", "Name"].map((member) => {
    const node = memberOf(memberOf(alias, "Properties"), member);
    return node === undefined ? undefined : text(node);
  });
  if (owner === undefined || name === undefined) return undefined;
  return `${owner.startsWith("arn:") ? owner : lambdaArn(around, owner)}:${name}`;
}

const isDeployedHere = (type: string): boolean =>
  ["AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion", "AWS::Lambda::Version"].includes(type);
