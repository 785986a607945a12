"""Run by AWS's own Python runtime interface client."""
import logging
import os

logging.getLogger().setLevel(logging.INFO)


def handler(event, context):
    print("printed")
    logging.info("first line\nsecond line")
    if event.get("fail"):
        raise ValueError("out of reach")
    if event.get("unserializable"):
        return {1, 2, 3}
    return {
        "event": event,
        "awsRequestId": context.aws_request_id,
        "functionName": context.function_name,
        "invokedFunctionArn": context.invoked_function_arn,
        "custom": context.client_context and context.client_context.custom,
        "remainingMs": context.get_remaining_time_in_millis(),
        "traceHeader": os.environ.get("_X_AMZN_TRACE_ID"),
    }
