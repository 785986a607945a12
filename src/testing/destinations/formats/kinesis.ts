/** Kinesis Data Streams, JSON 1.1 of 2013-12-02: PutRecord and PutRecords. */
import { jsonOrText, type WireFormat } from "../wire-format.ts";
import { awsFailure, awsJson, awsVariables, operationOf, unknownOperation } from "./aws-json.ts";

export interface ReceivedKinesisRecord {
  readonly stream: string;
  readonly partitionKey: string;
  /** A value of JSON, or a text. */
  readonly data: unknown;
}

interface Sent {
  readonly Data: string;
  readonly PartitionKey: string;
}

interface Input extends Partial<Sent> {
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly Records?: readonly Sent[];
}

export const kinesis: WireFormat<ReceivedKinesisRecord> = {
  variables: (url) => awsVariables("KINESIS", url),
  read: (request) => {
    const operation = operationOf(request);
    if (operation !== "PutRecord" && operation !== "PutRecords") return unknownOperation("Kinesis", operation);
    const input = JSON.parse(request.body.toString()) as Input;
    const sent = input.Records ?? [{ Data: input.Data ?? "", PartitionKey: input.PartitionKey ?? "" }];
    if (sent.length === 0 || sent.length > 500) {
      const why = `${sent.length} records, 1 to 500 are allowed`;
      return { kind: "unreadable", why, answer: awsJson(400, { __type: "InvalidArgumentException", message: why }) };
    }
    const stream = input.StreamName ?? input.StreamARN?.split("/").at(-1) ?? "";
    return {
      kind: "records",
      records: sent.map(({ Data, PartitionKey: partitionKey }) => ({
        stream,
        partitionKey,
        data: jsonOrText(Buffer.from(Data, "base64").toString("utf8").replace(/\n$/, "")),
      })),
      answer: (rejected) => {
        const results = sent.map((_, at) =>
          rejected.has(at)
            ? {
                ErrorCode: "ProvisionedThroughputExceededException",
                ErrorMessage: `Rate exceeded for shard in ${stream}`,
              }
            : { SequenceNumber: String(at + 1), ShardId: "shardId-000000000000" },
        );
        if (operation === "PutRecord") return awsJson(200, results[0]);
        return awsJson(200, { FailedRecordCount: rejected.size, Records: results });
      },
    };
  },
  failure: awsFailure,
};
