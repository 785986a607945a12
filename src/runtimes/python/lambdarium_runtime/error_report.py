"""How errors look on the wire (ENV-137, ENV-140) and to X-Ray."""

import os
import traceback

_RUNTIME_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Fault(Exception):
    """An error the runtime itself has found in the function, with one of Lambda's error types."""

    def __init__(self, error_type, message, stack_trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.stack_trace = list(stack_trace)


def describe_exception(error, request_id=""):
    if isinstance(error, Fault):
        return _report(str(error), error.error_type, request_id, error.stack_trace)
    # As plain tuples frames have no columns, so that no line of carets is printed: Lambda's traces have none.
    frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in customer_frames(error)]
    return _report(str(error), type(error).__name__, request_id, traceback.format_list(frames))


def _report(message, error_type, request_id, stack_trace):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": stack_trace}


def customer_frames(error):
    """The runtime's own frames come first and say nothing; a trace that is nothing else is shown whole."""
    frames = traceback.extract_tb(error.__traceback__)
    for index, frame in enumerate(frames):
        if not frame.filename.startswith(_RUNTIME_DIRECTORY):
            return frames[index:]
    return frames


def xray_cause(error):
    if isinstance(error, Fault):
        frames, error_type = [], "LambdaValidationError"
    else:
        frames, error_type = customer_frames(error), type(error).__name__
    stack = [{"label": frame.name, "path": frame.filename, "line": frame.lineno} for frame in frames]
    return {
        "working_directory": os.getcwd(),
        "exceptions": [{"message": str(error), "type": error_type, "stack": stack}],
        "paths": sorted({frame.filename for frame in frames}),
    }
