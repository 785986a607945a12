/** Fake back ends of AWS as boto3 meets them: what is signed, chunked and checked as AWS's clients do it is read. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { createDestination, type DestinationKind } from "lambdarium";
import { expect, test } from "vitest";
import { clientVariables } from "./client-variables.ts";
import { describeUnless } from "./installed-client.ts";

const run = promisify(execFile);

const obstacle =
  spawnSync("python3", ["-c", "import boto3"]).status === 0 ? undefined : "this machine lacks python3 with boto3";

/** What the program prints, told of this back end by nothing but its variables. */
async function played(
  kind: DestinationKind,
  program: string,
): Promise<{ answer: unknown; received: readonly unknown[] }> {
  await using destination = await createDestination(kind);
  const env = { ...process.env, ...clientVariables, ...destination.environment };
  const { stdout } = await run("python3", ["-c", `import boto3, io, json\n${program}`], { env });
  return { answer: JSON.parse(stdout), received: destination.received };
}

describeUnless(obstacle, "boto3 (fake destinations)", () => {
  test.each<readonly [DestinationKind, string, unknown, readonly unknown[]]>([
    [
      "firehose",
      `r = boto3.client("firehose").put_record_batch(DeliveryStreamName="d", Records=[{"Data": b'{"a":1}\\n'}])
print(r["FailedPutCount"])`,
      0,
      [{ stream: "d", data: { a: 1 } }],
    ],
    [
      "kinesis",
      `r = boto3.client("kinesis").put_records(StreamName="k", Records=[{"Data": b"x", "PartitionKey": "p"}])
print(r["FailedRecordCount"])`,
      0,
      [{ stream: "k", partitionKey: "p", data: "x" }],
    ],
    [
      "sqs",
      `c = boto3.client("sqs")
url = c.get_queue_url(QueueName="q")["QueueUrl"]
r = c.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "one"}, {"Id": "2", "MessageBody": "two"}])
print(json.dumps([m["Id"] for m in r["Successful"]]))`,
      ["1", "2"],
      ["one", "two"].map((body) => ({ queueUrl: expect.stringMatching(/\/q$/) as string, body })),
    ],
    [
      "s3",
      `c = boto3.client("s3")
c.put_object(Bucket="b", Key="a/k.json", Body=b'{"a":1}\\ntwo\\n')
from boto3.s3.transfer import TransferConfig
c.upload_fileobj(io.BytesIO(b"x" * 6_000_000 + b"\\nlast"), "b", "large", Config=TransferConfig(multipart_threshold=1, multipart_chunksize=5_242_880))
print(1)`,
      1,
      [
        { bucket: "b", key: "a/k.json", line: { a: 1 } },
        { bucket: "b", key: "a/k.json", line: "two" },
        { bucket: "b", key: "large", line: "x".repeat(6_000_000) },
        { bucket: "b", key: "large", line: "last" },
      ],
    ],
    [
      "cloudwatch-logs",
      `c = boto3.client("logs")
c.create_log_group(logGroupName="g")
c.create_log_stream(logGroupName="g", logStreamName="s")
r = c.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": 1, "message": "m"}])
print(json.dumps("rejectedLogEventsInfo" in r))`,
      false,
      [{ logGroup: "g", logStream: "s", timestamp: 1, message: "m" }],
    ],
  ])("%s takes what boto3 sends", async (kind, program, answer, received) => {
    expect(await played(kind, program)).toEqual({ answer, received });
  });
});
