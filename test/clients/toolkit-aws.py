"""Makes what the destinations deliver to, and reads what arrived, as boto3 does. Prints one JSON value.

    toolkit-aws.py make | resources.py read firehose|kinesis|sqs|s3 [queue url]
"""
import gzip
import json
import sys

import boto3


def make():
    boto3.client("s3").create_bucket(
        Bucket="lines", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
    )
    boto3.client("s3").create_bucket(
        Bucket="from-firehose", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
    )
    boto3.client("kinesis").create_stream(StreamName="lines", ShardCount=2)
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName="lines",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            "BucketARN": "arn:aws:s3:::from-firehose",
        },
    )
    sqs = boto3.client("sqs")
    standard = sqs.create_queue(QueueName="lines")["QueueUrl"]
    fifo = sqs.create_queue(QueueName="lines.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return {"standard": standard, "fifo": fifo}


def objects(bucket):
    s3 = boto3.client("s3")
    found = [entry for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for entry in page.get("Contents", [])]
    for entry in sorted(found, key=lambda entry: (entry["LastModified"], entry["Key"])):
        yield s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()


def lines_of(content):
    return [json.loads(line) for line in content.decode().splitlines()]


def read_s3():
    return [line for content in objects("lines") for line in lines_of(gzip.decompress(content))]


def read_firehose():
    # Objects that Firehose made within a second have no order of their own.
    found = sorted((lines_of(content) for content in objects("from-firehose")), key=lambda lines: lines[0]["time"])
    return [line for lines in found for line in lines]


def read_kinesis():
    kinesis = boto3.client("kinesis")
    lines = []
    for shard in kinesis.list_shards(StreamName="lines")["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName="lines", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            answer = kinesis.get_records(ShardIterator=iterator)
            if not answer["Records"]:
                break
            lines += [json.loads(record["Data"]) for record in answer["Records"]]
            iterator = answer["NextShardIterator"]
    return lines


def read_sqs(url):
    sqs = boto3.client("sqs")
    lines = []
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not messages:
            return lines
        for message in messages:
            lines.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


readers = {"firehose": read_firehose, "kinesis": read_kinesis, "s3": read_s3, "sqs": read_sqs}
_, action, *rest = sys.argv
print(json.dumps(make() if action == "make" else readers[rest[0]](*rest[1:])))
