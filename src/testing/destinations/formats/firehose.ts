/** Amazon Data Firehose, JSON 1.1 of 2015-08-04: PutRecord and PutRecordBatch. */
import { linesOf, type WireFormat } from "../wire-format.ts";
import { awsFailure, awsJson, awsVariables, operationOf, unknownOperation } from "./aws-json.ts";

export interface ReceivedFirehoseRecord {
  readonly stream: string;
  /** Each line of the record's data: a value of JSON, or a text. */
  readonly data: unknown;
}

interface Input {
  readonly DeliveryStreamName: string;
  readonly Record?: { readonly Data: string };
  readonly Records?: readonly { readonly Data: string }[];
}

export const firehose: WireFormat<ReceivedFirehoseRecord> = {
  variables: (url) => awsVariables("FIREHOSE", url),
  read: (request) => {
    const operation = operationOf(request);
    if (operation !== "PutRecord" && operation !== "PutRecordBatch") return unknownOperation("Firehose", operation);
    const { DeliveryStreamName: stream, Record: one, Records: several } = JSON.parse(request.body.toString()) as Input;
    const sent = several ?? (one === undefined ? [] : [one]);
    const why = problemWith(sent);
    if (why !== undefined)
      return { kind: "unreadable", why, answer: awsJson(400, { __type: "InvalidArgumentException", message: why }) };
    const records = sent.flatMap(({ Data }, of) =>
      linesOf(Buffer.from(Data, "base64").toString("utf8")).map((data) => ({ of, record: { stream, data } })),
    );
    return {
      kind: "records",
      records: records.map(({ record }) => record),
      answer: (rejected) => {
        const failed = new Set([...rejected].map((at) => records[at]?.of));
        if (operation === "PutRecord") return awsJson(200, { RecordId: "1", Encrypted: false });
        return awsJson(200, {
          FailedPutCount: failed.size,
          Encrypted: false,
          RequestResponses: sent.map((_, at) =>
            failed.has(at)
              ? { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." }
              : { RecordId: String(at + 1) },
          ),
        });
      },
    };
  },
  failure: awsFailure,
};

/** 500 records of 1,000 KiB, 4 MiB together. */
function problemWith(records: readonly { readonly Data: string }[]): string | undefined {
  if (records.length === 0 || records.length > 500) return `${records.length} records, 1 to 500 are allowed`;
  const sizes = records.map(({ Data }) => Buffer.byteLength(Data, "base64"));
  if (sizes.some((bytes) => bytes > 1_024_000)) return "a record is larger than 1,000 KiB";
  return sizes.reduce((sum, bytes) => sum + bytes, 0) > 4_194_304 ? "the records come to more than 4 MiB" : undefined;
}
