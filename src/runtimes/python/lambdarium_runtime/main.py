"""Init, then one invocation after the other (ENV-133 to ENV-148)."""

import logging
import os
import sys

from . import handler_lookup, invocation, snapshot
from .error_report import describe_exception
from .function_log import open_log
from .runtime_api import RuntimeApi


def run(task_root, layers):
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    log = open_log()
    _search_modules_in(task_root, layers)
    try:
        handler = handler_lookup.find(os.environ.get("_HANDLER", ""))
    except Exception as error:
        logging.warning("LAMBDA_WARNING: Unhandled exception. Most likely its cause is in the function's code.")
        report = describe_exception(error)
        log.error(report)
        api.post_init_error(report)
        sys.exit(1)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        snapshot.pass_through(api, log)
    while True:
        invocation.handle(api.next(), handler, api, log)


def _search_modules_in(task_root, layers):
    """The function's code first, then its layers, then what the runtime brings (ENV-22, ENV-23)."""
    # The function's runtime decides, even where another version has to stand in for it.
    named = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    version = named or f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[:0] = [task_root, f"{layers}/python/lib/{version}/site-packages", f"{layers}/python"]
