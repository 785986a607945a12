"""One invocation: event in, result or error out (ENV-138 to ENV-141)."""

import json
import os

from . import function_log
from .error_report import Fault, describe_exception, xray_cause
from .invocation_context import InvocationContext
from .json_text import to_json


def handle(request, handler, api, log):
    function_log.belongs_to(request.id, request.headers.get("lambda-runtime-aws-tenant-id"))
    _publish_trace(request.headers.get("lambda-runtime-trace-id"))
    try:
        context = InvocationContext(request)
        body, content_type = _marshal(handler(_unmarshal(request), context))
    except Exception as error:
        # SystemExit is none of these: `sys.exit` in a handler ends the process (ENV-141).
        report = describe_exception(error, request.id)
        log.error(report)
        api.post_error(request, report, xray_cause(error))
    else:
        api.post_result(request, body, content_type)


def _publish_trace(trace):
    if trace is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace


def _unmarshal(request):
    if request.headers.get("content-type") != "application/json":
        return request.body
    try:
        return json.loads(request.body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def _marshal(result):
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        return to_json(result).encode(), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
