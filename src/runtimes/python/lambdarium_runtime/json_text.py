"""JSON as Lambda's Python runtime writes it: like `json.dumps`, and `Decimal` as the number it is."""

import json
import os
import sys


def _writes_unicode():
    """From Python 3.12 on, results hold the characters themselves and no escapes."""
    _, _, version = os.environ.get("AWS_EXECUTION_ENV", "").partition("python")
    major, _, minor = version.partition(".")
    return (int(major), int(minor)) >= (3, 12) if minor.isdigit() else sys.version_info >= (3, 12)


_ENSURE_ASCII = not _writes_unicode()


def to_json(value):
    decimals = _Decimals()
    text = json.dumps(value, ensure_ascii=_ENSURE_ASCII, default=decimals.stand_in)
    return decimals.put_into(text)


def to_header(value):
    return json.dumps(value)


class _Decimals:
    """`json` can write a Decimal only through float, which loses digits: so strings stand in, and are replaced."""

    def __init__(self):
        self._digits = []
        self._mark = None

    def stand_in(self, value):
        module = sys.modules.get("decimal")
        if module is None or not isinstance(value, module.Decimal):
            raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
        if value.is_nan():
            return float("nan")
        if self._mark is None:
            self._mark = f"decimal-{os.urandom(16).hex()}-"
        self._digits.append(str(value))
        return f"{self._mark}{len(self._digits) - 1}"

    def put_into(self, text):
        for index, digits in enumerate(self._digits):
            text = text.replace(f'"{self._mark}{index}"', digits)
        return text
