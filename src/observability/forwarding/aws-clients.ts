/** AWS's own clients for what is forwarded: one for each region, and none that leads back here. */
import type * as CloudWatch from "@aws-sdk/client-cloudwatch";
import type * as CloudWatchLogs from "@aws-sdk/client-cloudwatch-logs";
import type * as XRay from "@aws-sdk/client-xray";
import { findAwsClient, loadAwsClient } from "../../aws-api/aws-clients.ts";
import type { ForwardTarget } from "./forward-target.ts";
import type { IsOurselves } from "./target.ts";

type AwsTarget = Exclude<ForwardTarget["to"], "otlp">;

const packages = {
  "cloudwatch-logs": "@aws-sdk/client-cloudwatch-logs",
  "cloudwatch-metrics": "@aws-sdk/client-cloudwatch",
  xray: "@aws-sdk/client-xray",
} as const satisfies Record<AwsTarget, string>;

interface Clients {
  "cloudwatch-logs": typeof CloudWatchLogs;
  "cloudwatch-metrics": typeof CloudWatch;
  xray: typeof XRay;
}

/** @throws LambdariumError `aws-client-missing` */
export const checkAwsClient = (target: AwsTarget): unknown => findAwsClient(packages[target], purposeOf(target));

/** For the thread of the forwarder, which has the time. */
export const loadTargetClient = <Of extends AwsTarget>(target: Of): Clients[Of] =>
  loadAwsClient(packages[target], purposeOf(target)) as Clients[Of];

const purposeOf = (target: AwsTarget): string => `Forwarding to ${target}`;

/** One client for each region, with the chain of credentials and endpoints that all of AWS's tools have. */
export class RegionalClients<Client extends SdkClient> {
  readonly #make: (config: ClientConfig) => Client;
  readonly #isOurselves: IsOurselves;
  readonly #clients = new Map<string, Client>();

  constructor(make: (config: ClientConfig) => Client, isOurselves: IsOurselves) {
    this.#make = make;
    this.#isOurselves = isOurselves;
  }

  of(region: string): Client {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    // Trying again is the delivery's: it knows what else waits, and when everything ends.
    const client = this.#make({ region, maxAttempts: 1 });
    client.middlewareStack.add(
      (next) => (args) => {
        const { hostname, port } = args.request as { readonly hostname: string; readonly port?: number };
        if (this.#isOurselves(hostname, port)) throw new ForwardsToItself(`${hostname}:${port}`);
        return next(args);
      },
      { step: "finalizeRequest", name: "lambdariumForwardsToOthers" },
    );
    this.#clients.set(region, client);
    return client;
  }

  readonly close = (): void => {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  };
}

/** The endpoint, wherever it was configured, is this very service. */
export class ForwardsToItself extends Error {
  constructor(address: string) {
    super(`the endpoint ${address} is this service itself: unset AWS_ENDPOINT_URL where it is started`);
  }
}

interface ClientConfig {
  readonly region: string;
  readonly maxAttempts: number;
}

/** Just what all of AWS's clients have in common. */
interface SdkClient {
  readonly destroy: () => void;
  readonly middlewareStack: {
    // oxlint-disable-next-line typescript/no-explicit-any -- each client has types of its own for the same thing
    readonly add: (middleware: (next: any) => (args: any) => any, options: any) => void;
  };
}
