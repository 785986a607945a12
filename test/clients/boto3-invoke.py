"""Calls functions as boto3 does, configured by its environment alone; prints what came of it as one JSON object."""
import base64
import json

import boto3

client = boto3.client("lambda")
seen = {}

answer = client.invoke(FunctionName="echo", Payload=b'{"a":1}', LogType="Tail")
seen["payload"] = json.loads(answer["Payload"].read())
seen["version"] = answer["ExecutedVersion"]
seen["tail"] = base64.b64decode(answer["LogResult"]).decode()
seen["same id"] = answer["ResponseMetadata"]["RequestId"] in seen["tail"]

context = base64.b64encode(b'{"custom":{"k":"v"}}').decode()
seen["client context"] = json.loads(client.invoke(FunctionName="context", ClientContext=context)["Payload"].read())

failed = client.invoke(FunctionName="fails")
seen["function error"] = failed["FunctionError"]
seen["error"] = json.loads(failed["Payload"].read())["errorType"]

seen["event"] = client.invoke(FunctionName="echo", InvocationType="Event", Payload=b"{}")["StatusCode"]
seen["dry run"] = client.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"]

stream = client.invoke_with_response_stream(FunctionName="streams", Payload=b"{}", LogType="Tail")
events = list(stream["EventStream"])
seen["streamed"] = b"".join(event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event).decode()
seen["complete"] = sorted(events[-1]["InvokeComplete"])

client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
try:
    client.invoke(FunctionName="echo")
except client.exceptions.TooManyRequestsException as error:
    seen["throttled"] = error.response["Reason"]
try:
    client.invoke(FunctionName="echo", Payload=b"{no")
except client.exceptions.InvalidRequestContentException as error:
    seen["refused"] = str(error.response["message"])
try:
    client.invoke(FunctionName="none")
except client.exceptions.ResourceNotFoundException as error:
    seen["missing"] = error.response["Error"]["Message"]

print(json.dumps(seen))
