"""What the runtime does for a function's log: `logging` in text or JSON, unhandled errors, unbuffered output."""

import json
import logging
import os
import sys
import time
import traceback

_request_id = None
_tenant_id = None
_sink = None


def belongs_to(request_id, tenant_id):
    """What is logged from now on is this invocation's; it stays so after its end."""
    global _request_id, _tenant_id
    _request_id = request_id
    _tenant_id = tenant_id


def write_plain(message):
    _sink.write(message)


def open_log():
    """Takes the log descriptor out of the environment (ENV-48) and gives the root logger its handler."""
    global _sink
    sys.stdout = _Unbuffered(sys.stdout)
    sys.stderr = _Unbuffered(sys.stderr)
    descriptor = os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
    _sink = _LineSink() if descriptor is None else _FrameSink(int(descriptor))
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
    _prepare_root_logger(as_json)
    return _ErrorLog(as_json)


def _prepare_root_logger(as_json):
    # For every formatter, the customer's own included: Lambda logs in UTC whatever `TZ` says.
    logging.Formatter.converter = time.gmtime
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    # In Text format frames of `logging` carry their level only where a level was configured.
    handler = _Handler(_JSON if as_json else _TEXT, with_level=as_json or bool(level))
    handler.setFormatter(_JsonFormatter() if as_json else logging.Formatter(_TEXT_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    if level:
        root.setLevel("DEBUG" if level == "TRACE" else level)


_TEXT_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"

# CAP-25: the type of a frame is a format and, from DEBUG on, a level.
_JSON = 0xA55A0002
_TEXT = 0xA55A0003
_LEVEL_STEP = 4


def _frame_type(frame_format, level):
    """Levels between Python's own count as the one below; DEBUG is the second level of the frames."""
    step = min(50, max(0, level)) // 10
    return frame_format if step == 0 else frame_format + (step + 1) * _LEVEL_STEP


class _Handler(logging.Handler):
    def __init__(self, frame_format, with_level):
        super().__init__()
        self._frame_format = frame_format
        self._with_level = with_level

    def emit(self, record):
        record.aws_request_id = _request_id or ""
        level = record.levelno if self._with_level else logging.NOTSET
        try:
            _sink.write(self.format(record), _frame_type(self._frame_format, level))
        except Exception:
            self.handleError(record)


# What every record has, so that `extra={...}` can be told from it.
_OWN_MEMBERS = {*vars(logging.makeLogRecord({})), "message", "asctime", "aws_request_id", "taskName"}


class _JsonFormatter(logging.Formatter):
    def format(self, record):
        error = record.exc_info or None
        members = {
            "timestamp": time.strftime(_JSON_TIME, time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "stackTrace": error and traceback.format_tb(error[2]),
            "errorType": error and error[0] and error[0].__name__,
            "errorMessage": error and str(error[1]),
            "requestId": record.aws_request_id,
            "location": error and f"{record.pathname}:{record.funcName}:{record.lineno}",
            "tenantId": _tenant_id,
        }
        for name, value in vars(record).items():
            if name not in _OWN_MEMBERS:
                members.setdefault(name, value)
        return json.dumps({k: v for k, v in members.items() if v is not None}, ensure_ascii=False) + "\n"


class _ErrorLog:
    """The record of an unhandled exception (ENV-146)."""

    def __init__(self, as_json):
        self._as_json = as_json

    def error(self, report):
        if self._as_json:
            now = time.strftime(_JSON_TIME, time.gmtime())
            lines = [json.dumps({"timestamp": now, "log_level": "ERROR", **report}, ensure_ascii=False)]
        else:
            lines = _error_lines(report)
        _sink.write_lines(lines, _frame_type(_JSON if self._as_json else _TEXT, logging.ERROR))


def _error_lines(report):
    title = ": ".join(part for part in (report["errorType"], report["errorMessage"]) if part)
    lines = [f"[ERROR] {title}", "Traceback (most recent call last):"]
    for entry in report["stackTrace"]:
        lines += [_unbreakable_indent(line) for line in entry.splitlines()] or [""]
    return lines


def _unbreakable_indent(line):
    """CloudWatch's console would swallow leading spaces; with U+00A0 the trace keeps its shape (CAP-66)."""
    text = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(text)) + text


class _LineSink:
    """Without a log descriptor: standard output, where a line is a record and inner LFs become CRs."""

    def write(self, message, frame_type=None):
        sys.stdout.write(message)

    def write_lines(self, lines, frame_type):
        sys.stdout.write("\r".join(lines) + "\n")


class _FrameSink:
    """CAP-24: type, length, microseconds, payload."""

    def __init__(self, descriptor):
        self._file = os.fdopen(descriptor, "wb", 0)

    def write(self, message, frame_type=_TEXT):
        payload = message.encode("utf-8", "surrogatepass")
        head = frame_type.to_bytes(4, "big") + len(payload).to_bytes(4, "big")
        rest = memoryview(head + (time.time_ns() // 1000).to_bytes(8, "big") + payload)
        while rest:
            written = self._file.write(rest)
            if written is None:
                # The pipe is full and does not block: give its reader a moment.
                time.sleep(0.001)
            else:
                rest = rest[written:]

    def write_lines(self, lines, frame_type):
        self.write("\n".join(lines), frame_type)


class _Unbuffered:
    """A `print` before a hard exit is not lost (ENV-147)."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        written = self._stream.write(text)
        self._stream.flush()
        return written

    def writelines(self, lines):
        self._stream.writelines(lines)
        self._stream.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __getattr__(self, name):
        return getattr(self._stream, name)
