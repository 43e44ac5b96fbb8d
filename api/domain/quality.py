"""Quality values, with which clients rank languages, codings and media types."""

from __future__ import annotations


def parse_quality(parameter: str) -> float | None:
    """Return the quality in a parameter such as ``q=0.5`` (RFC 9110, 12.4.2), from 0 to 1; None if it is malformed.

    Without a quality, it is 1.
    """
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None
