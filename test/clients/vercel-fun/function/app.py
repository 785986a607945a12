def handler(event, context):
    if event.get("fail"):
        raise ValueError("out of reach")
    return {"event": event, "awsRequestId": context["aws_request_id"]}
