/** Where a service of AWS is reached, by the same variables that AWS's own clients read. */

/** As in the credential scope of a signature, and in the name of the host. */
export type AwsService = "firehose" | "kinesis" | "logs" | "s3" | "sqs";

export interface AwsPlace {
  /** Default the function's. */
  readonly region?: string | undefined;
  /** Default `AWS_ENDPOINT_URL_` with the service's name, `AWS_ENDPOINT_URL`, or AWS's own for the region. */
  readonly endpoint?: string | undefined;
}

/** What is set for this service or for all; undefined where AWS itself is meant. */
export function configuredEndpoint(service: AwsService, { endpoint }: AwsPlace): string | undefined {
  const { env } = process;
  if (endpoint !== undefined) return endpoint;
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return undefined;
  return env[variables[service]] || env["AWS_ENDPOINT_URL"] || undefined;
}

const variables: Readonly<Record<AwsService, string>> = {
  firehose: "AWS_ENDPOINT_URL_FIREHOSE",
  kinesis: "AWS_ENDPOINT_URL_KINESIS",
  logs: "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
  s3: "AWS_ENDPOINT_URL_S3",
  sqs: "AWS_ENDPOINT_URL_SQS",
};

/** `prefix` stands before the service's name: a bucket. */
export function regionalHost(service: AwsService, region: string, prefix = ""): string {
  const fips = process.env["AWS_USE_FIPS_ENDPOINT"] === "true" ? "-fips" : "";
  return `${prefix}${service}${fips}.${region}.${dnsSuffix(region)}`;
}

const dnsSuffix = (region: string): string =>
  partitions.find(([beginning]) => region.startsWith(beginning))?.[1] ?? "amazonaws.com";

const partitions = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
] as const;
