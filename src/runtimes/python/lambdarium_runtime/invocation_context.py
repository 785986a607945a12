"""The context object of one invocation (ENV-142, ENV-143)."""

import json
import os
import time

from . import function_log
from .error_report import Fault

_ENV = os.environ


class InvocationContext:
    def __init__(self, request):
        headers = request.headers
        self.aws_request_id = request.id
        self.log_group_name = _ENV.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = _ENV.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = _ENV.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = _ENV.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = _ENV.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        client = _json_header(headers, "lambda-runtime-client-context", "Client Context")
        self.client_context = None if client is None else ClientContext(client)
        self.identity = CognitoIdentity(_json_header(headers, "lambda-runtime-cognito-identity", "Cognito Identity"))
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        function_log.write_plain(str(message))

    def __repr__(self):
        return _repr(self, [name for name in vars(self) if not name.startswith("_")])


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, parts):
        self.cognito_identity_id = (parts or {}).get("cognitoIdentityId")
        self.cognito_identity_pool_id = (parts or {}).get("cognitoIdentityPoolId")

    def __repr__(self):
        return _repr(self, self.__slots__)


class ClientContext:
    __slots__ = ("custom", "env", "client")

    def __init__(self, parts):
        self.custom = parts.get("custom")
        self.env = parts.get("env")
        client = parts.get("client")
        self.client = None if client is None else Client(client)

    def __repr__(self):
        return _repr(self, self.__slots__)


class Client:
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, parts):
        for name in self.__slots__:
            setattr(self, name, parts.get(name))

    def __repr__(self):
        return _repr(self, self.__slots__)


def _repr(thing, names):
    members = ",".join(f"{name}={getattr(thing, name)}" for name in names)
    return f"{type(thing).__name__}([{members}])"


def _json_header(headers, header, name):
    text = headers.get(header)
    if not text:
        return None
    try:
        return json.loads(text)
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from error
