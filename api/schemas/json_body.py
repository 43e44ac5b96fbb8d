"""The parser of JSON bodies."""

from __future__ import annotations

import json
from typing import NoReturn


def parse_json(data: bytes) -> object:
    """Return the value of a JSON text (RFC 8259) in UTF-8, with or without a byte-order mark.

    Raises ValueError for anything else: other encodings, encoded surrogates, ``NaN`` and ``Infinity``, numbers of
    thousands of digits, and values that are nested too deeply.
    """
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("the value is nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
