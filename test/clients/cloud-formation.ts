/** As much of CloudFormation as SAM and CDK read of a stack before they turn to Lambda: what it holds, and its template. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

export interface Stack {
  readonly name: string;
  readonly resources: readonly StackResource[];
  /** What was deployed last. */
  readonly template: object;
}

export interface ServedStack {
  readonly endpoint: string;
  readonly close: () => Promise<void>;
}

const time = "2026-11-23T00:00:00Z";

/** Answers for this stack, and refuses everything else as CloudFormation refuses an unknown stack. */
export async function serveStack(stack: Stack): Promise<ServedStack> {
  const answers = answersOf(stack);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body);
      const action = form.get("Action") ?? "";
      const answer = form.get("StackName") === stack.name ? answers[action] : undefined;
      response.writeHead(answer === undefined ? 400 : 200, { "Content-Type": "text/xml" });
      response.end(answer === undefined ? refused : answered(action, answer));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answersOf({ name, resources, template }: Stack): Readonly<Record<string, string>> {
  const members = resources.map((resource) => `<member>${resourceText(resource)}</member>`).join("");
  const id = `arn:aws:cloudformation:us-east-1:000000000000:stack/${name}/1`;
  const about = `<StackName>${name}</StackName><StackId>${id}</StackId><CreationTime>${time}</CreationTime>`;
  return {
    ListStackResources: `<StackResourceSummaries>${members}</StackResourceSummaries>`,
    DescribeStackResources: `<StackResources>${members}</StackResources>`,
    DescribeStacks: `<Stacks><member>${about}<StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks>`,
    GetTemplate: `<TemplateBody>${escaped(JSON.stringify(template))}</TemplateBody>`,
  };
}

const resourceText = ({ logicalId, type, physicalId }: StackResource): string =>
  `<LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>` +
  `<ResourceType>${type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>` +
  `<LastUpdatedTimestamp>${time}</LastUpdatedTimestamp>`;

const answered = (action: string, answer: string): string =>
  `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${answer}</${action}Result></${action}Response>`;

const refused =
  "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>does not exist</Message></Error></ErrorResponse>";

const escaped = (value: string): string => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
