/** Sends deliveries to SQS, SNS, EventBridge and S3 with AWS's own clients, at the endpoints that are configured (SVC-191). */
import type * as EventBridge from "@aws-sdk/client-eventbridge";
import type * as S3 from "@aws-sdk/client-s3";
import type * as Sns from "@aws-sdk/client-sns";
import type * as Sqs from "@aws-sdk/client-sqs";
import { loadAwsClient } from "../../aws-api/aws-clients.ts";
import { bucketObject, busEvent, queueMessage, topicMessage } from "./aws-messages.ts";
import { arnParts } from "./arn-parts.ts";
import type { Delivery } from "./delivery.ts";

export type DestinationService = "sqs" | "sns" | "events" | "s3";

/** Throws what the service or the way to it says. */
export type SendToService = (delivery: Delivery) => Promise<void>;

export interface AwsServices {
  /** Undefined where no endpoint is configured, or one of our own kind (`file:`). */
  readonly of: (service: string) => SendToService | undefined;
  readonly close: () => void;
}

/**
 * Loads the clients of the services that have an endpoint: not at the first delivery, which would make invocations wait.
 * @throws LambdariumError `aws-client-missing`
 */
export function openAwsServices(endpoints: Readonly<Record<string, string>>): AwsServices {
  const services = new Map<string, OpenService>(
    (Object.keys(openers) as DestinationService[]).flatMap((service) => {
      const endpoint = endpoints[service];
      return endpoint === undefined || endpoint.startsWith("file:")
        ? []
        : [[service, openers[service](endpoint.replace(/\/$/u, ""))] as const];
    }),
  );
  return {
    of: (service) => services.get(service)?.send,
    close: () => {
      for (const { close } of services.values()) close();
    },
  };
}

interface OpenService {
  readonly send: SendToService;
  readonly close: () => void;
}

const openers: { readonly [Service in DestinationService]: (endpoint: string) => OpenService } = {
  sqs: (endpoint) => {
    const { SQSClient, SendMessageCommand } = load("@aws-sdk/client-sqs") as typeof Sqs;
    // Not every emulator answers with the digest of the message.
    const clients = regional((config) => new SQSClient({ ...config, endpoint, md5: false }));
    return clients.sending((client, delivery) =>
      client.send(new SendMessageCommand(queueMessage(endpoint, delivery)), patience()),
    );
  },
  sns: (endpoint) => {
    const { PublishCommand, SNSClient } = load("@aws-sdk/client-sns") as typeof Sns;
    const clients = regional((config) => new SNSClient({ ...config, endpoint }));
    return clients.sending((client, delivery) => client.send(new PublishCommand(topicMessage(delivery)), patience()));
  },
  events: (endpoint) => {
    const { EventBridgeClient, PutEventsCommand } = load("@aws-sdk/client-eventbridge") as typeof EventBridge;
    const clients = regional((config) => new EventBridgeClient({ ...config, endpoint }));
    return clients.sending(async (client, delivery) => {
      const answer = await client.send(new PutEventsCommand({ Entries: [busEvent(delivery)] }), patience());
      // A request that is taken may hold an event that is refused.
      const [entry] = answer.Entries ?? [];
      if ((answer.FailedEntryCount ?? 0) > 0) throw new Error(`${entry?.ErrorCode}: ${entry?.ErrorMessage}`);
    });
  },
  s3: (endpoint) => {
    const { PutObjectCommand, S3Client } = load("@aws-sdk/client-s3") as typeof S3;
    const clients = regional(
      (config) =>
        new S3Client({ ...config, endpoint, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" }),
    );
    return clients.sending((client, delivery) => client.send(new PutObjectCommand(bucketObject(delivery)), patience()));
  },
};

const load = (name: string): unknown => loadAwsClient(name, "Sending to an endpoint of serviceEndpoints");

interface ClientConfig {
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** One client for each region. */
function regional<Client extends { destroy: () => void }>(make: (config: ClientConfig) => Client) {
  const clients = new Map<string, Client>();
  const clientOf = (region: string): Client => {
    // Trying again is the deliveries' own (SVC-195).
    const client = clients.get(region) ?? make({ region, maxAttempts: 1, ...credentials() });
    clients.set(region, client);
    return client;
  };
  return {
    sending: (send: (client: Client, delivery: Delivery) => Promise<unknown>): OpenService => ({
      send: async (delivery) => {
        const region = arnParts(delivery.destinationArn).region || delivery.target.region;
        await send(clientOf(region), delivery);
      },
      close: () => {
        for (const client of clients.values()) client.destroy();
      },
    }),
  };
}

/** Emulators take any key; whoever checks them has keys or a profile named in the environment, for AWS's usual chain. */
const credentials = (): Pick<ClientConfig, "credentials"> =>
  ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"].some((name) => process.env[name] !== undefined)
    ? {}
    : { credentials: { accessKeyId: "LAMBDARIUMPLACEHOLDER", secretAccessKey: "lambdarium-placeholder-secret" } };

const patience = (): { readonly abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(10_000) });
