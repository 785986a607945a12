"""Between Init and the first invocation of a snap-start environment: hooks, snapshot, restore, hooks (ENV-148)."""

import sys

from .error_report import describe_exception


def pass_through(api, log):
    # Here and not above: a function may bring its own copy, and it is that one its hooks are registered with.
    import snapshot_restore_py as hooks

    try:
        before = hooks.get_before_snapshot()
        while before:
            _call(before.pop())
    except BaseException as error:
        report = describe_exception(error)
        log.error(report)
        api.post_init_error(report, "Runtime.BeforeSnapshotError")
        sys.exit(64)

    api.restore_next()

    try:
        for hook in hooks.get_after_restore():
            _call(hook)
    except BaseException as error:
        report = describe_exception(error)
        log.error(report)
        api.post_restore_error(report, "Runtime.AfterRestoreError")
        sys.exit(65)


def _call(hook):
    function, args, kwargs = hook
    function(*args, **kwargs)
