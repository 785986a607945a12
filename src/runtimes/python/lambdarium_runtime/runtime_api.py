"""The Runtime API over one kept-alive connection. `http.client` would work too, but costs tens of milliseconds."""

import os
import socket
import sys

from .json_text import to_header, to_json

_BASE = "/2018-06-01/runtime/"
_MAX_HEADER_BYTES = 1024 * 1024


class InvocationRequest:
    __slots__ = ("headers", "body")

    def __init__(self, headers, body):
        self.headers = headers
        self.body = body

    @property
    def id(self):
        return self.headers.get("lambda-runtime-aws-request-id", "")

    @property
    def echo(self):
        """Keeps a late answer from reaching the wrong caller (RT-39)."""
        sent = self.headers.get("lambda-runtime-invocation-id")
        return {} if sent is None else {"Lambda-Runtime-Invocation-Id": sent}


class RuntimeApi:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self._host_line = address
        self._socket = None
        self._reader = None

    def next(self):
        _, headers, body = self._call("GET", "invocation/next")
        return InvocationRequest(headers, body)

    def restore_next(self):
        self._call("GET", "restore/next")

    def post_result(self, request, body, content_type):
        self._call("POST", f"invocation/{request.id}/response", {"Content-Type": content_type, **request.echo}, body)

    def post_error(self, request, report, xray_cause):
        headers = {"Content-Type": "application/json", **request.echo}
        cause = to_header(xray_cause)
        if len(cause) < _MAX_HEADER_BYTES:
            headers["Lambda-Runtime-Function-XRay-Error-Cause"] = cause
        self._call("POST", f"invocation/{request.id}/error", headers, to_json(report).encode())

    def post_init_error(self, report, error_type=None):
        self._call("POST", "init/error", _typed(report, error_type), to_json(report).encode())

    def post_restore_error(self, report, error_type):
        self._call("POST", "restore/error", _typed(report, error_type), to_json(report).encode())

    def _call(self, method, path, headers=None, body=b""):
        lines = [f"{method} {_BASE}{path} HTTP/1.1", f"Host: {self._host_line}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join([*lines, "", ""]).encode() + body
        try:
            answer = self._exchange(message)
        except (OSError, EOFError) as lost:
            _leave(f"{method} {path} failed: {lost}")
        status = answer[0]
        # A refused response (413, RT-44) ends nothing; without an event, or after a 500 (RT-50), a runtime must go.
        if status == 500 or (method == "GET" and status != 200):
            _leave(f"{method} {path} was answered {status}")
        return answer

    def _exchange(self, message):
        reused = self._socket is not None
        try:
            return self._send_and_read(message)
        except (ConnectionError, EOFError):
            # The other side closed the idle connection just as we used it again.
            self._socket = None
            if not reused:
                raise
            return self._send_and_read(message)

    def _send_and_read(self, message):
        if self._socket is None:
            self._socket = socket.create_connection(self._target)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reader = self._socket.makefile("rb")
        self._socket.sendall(message)
        status, headers = self._read_head()
        # An interim answer (100 Continue) is followed by the real one.
        while status < 200:
            status, headers = self._read_head()
        body = self._read_body(headers)
        if headers.get("connection", "").lower() == "close":
            self._socket.close()
            self._socket = None
        return status, headers, body

    def _read_head(self):
        status_line = self._line()
        headers = {}
        while line := self._line():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(status_line.split(" ", 2)[1]), headers

    def _line(self):
        line = self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the connection was closed")
        return line.rstrip(b"\r\n").decode("utf-8", "replace")

    def _read_body(self, headers):
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunks()
        return self._exactly(int(headers.get("content-length", "0")))

    def _read_chunks(self):
        pieces = []
        while size := int(self._line().partition(";")[0], 16):
            pieces.append(self._exactly(size))
            self._line()
        while self._line():
            pass
        return b"".join(pieces)

    def _exactly(self, size):
        data = self._reader.read(size)
        if len(data) != size:
            raise EOFError("the connection was closed")
        return data


def _typed(report, error_type):
    return {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": error_type or report["errorType"],
    }


def _leave(why):
    """Without the platform there is nothing left to do, and nobody to report it to but the log."""
    sys.stderr.write(f"The Runtime API is lost: {why}\n")
    sys.stderr.flush()
    os._exit(1)
