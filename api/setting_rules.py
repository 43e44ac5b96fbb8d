"""The rules for the values of settings: ranges, choices, URLs, addresses and limits.

This module imports little, because every start of the service needs it first.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping

# The lowest and the highest value of each setting that is a number.
RANGES: Mapping[str, tuple[int, int]] = {
    "port": (1, 65_535),
    "max_age": (0, 31_536_000),
    "shared_max_age": (0, 31_536_000),
    "stale_while_revalidate": (0, 31_536_000),
    "stale_if_error": (0, 31_536_000),
    "busy_timeout_ms": (1, 3_600_000),
    "max_body_bytes": (1, 1_073_741_824),
    "workers": (1, 1_000),
    "blocking_threads": (1, 1_000),
    "cache_mb": (0, 1_048_576),
    "cache_warm": (0, 1_000_000),
    "release_check_ms": (0, 3_600_000),
    "trusted_proxies": (0, 100),
    "metrics_port": (0, 65_535),
    "read_only": (0, 1),
}
_PORTS = RANGES["port"]

# A limit, such as 6000/minute: a number of requests per second, minute, hour or day.
_LIMIT = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
# A frame ancestor in a Content-Security-Policy (CSP 3, 6.4.2): a scheme, or a host with or without a scheme.
_ANCESTOR = re.compile(
    r"\*|'self'|'none'|[a-z][a-z0-9+.-]*:|([a-z][a-z0-9+.-]*://)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d+|\*))?",
    re.IGNORECASE,
)
# A host name or an IP address, in brackets for IPv6.
_HOST = r"(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?)"
_LONGEST_HOST = 253
# In characters. URLs and headers that contain it stay within the limits of clients and proxies.
MAX_PUBLIC_URL = 500
_PUBLIC_URL = re.compile(rf"https?://{_HOST}(?::(?P<port>\d+))?(?P<path>(?:/[A-Za-z0-9._~-]+)*)")
_REDIS_URL = re.compile(rf"rediss?://(?:[^\r\n@]*@)?(?:{_HOST}(?::(?P<port>\d+))?)?(?:/\d*)?(?:\?\S*)?")
_REDIS_SOCKET = re.compile(r"redis\+unix://\S+")
_POSTGRESQL_URL = re.compile(
    rf"(?:postgres|postgresql|postgresql\+psycopg)://(?:[^@\r\n]*@)?(?:{_HOST}(?::(?P<port>\d+))?)?(?:/[^\s?#]*)?(?:\?\S*)?"
)
# SQLAlchemy ignores parameters without ``uri=true``.
_SQLITE_URL = re.compile(r"sqlite://(?:/[^\x00\r\n?]+(?:\?(?:\S*&)?uri=true(?:&\S*)?)?)?")
DATABASE_FORMS = "sqlite:////path/to/file.sqlite or postgresql://user:password@host:5432/name"


class InvalidSettingError(ValueError):
    """An environment variable has an invalid value. The message contains the variable and the value."""


def parse_number(name: str, text: str) -> int:
    """Return a whole number of at most 20 digits. Raises InvalidSettingError."""
    # Python refuses to convert thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise InvalidSettingError(f"{name.upper()} must be a whole number, not {_shorten(text)}")
    return int(text)


def check_range(name: str, value: int) -> None:
    """Raise InvalidSettingError if the value is out of the range of this setting."""
    least, most = RANGES[name]
    if not least <= value <= most:
        raise InvalidSettingError(f"{name.upper()} must be from {least} to {most}, not {value}")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise InvalidSettingError if the value is none of ``choices``."""
    if value not in choices:
        raise InvalidSettingError(f"{name} must be one of {', '.join(choices)}, not {_shorten(value)}")


def check_address(name: str, value: str) -> None:
    """Raise InvalidSettingError if the value is not an IP address."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, value)
        except (OSError, ValueError):
            continue
        return
    raise InvalidSettingError(f"{name} must be an IP address, such as 127.0.0.1, 0.0.0.0 or ::1, not {_shorten(value)}")


def check_host(name: str, value: str) -> None:
    """Raise InvalidSettingError if the value is neither an IP address nor the name of a host."""
    if ":" in value or not re.fullmatch(_HOST, value) or len(value) > _LONGEST_HOST:
        check_address(name, value)


def check_public_url(value: str) -> None:
    """Raise InvalidSettingError unless the value is a URL with a host and, optionally, a port and a plain path."""
    if len(value) > MAX_PUBLIC_URL:
        raise InvalidSettingError(f"PUBLIC_URL must have at most {MAX_PUBLIC_URL} characters")
    match = _PUBLIC_URL.fullmatch(value)
    if match is None or not _is_port(match["port"]) or {".", ".."} & set(match["path"].split("/")):
        raise InvalidSettingError(
            "PUBLIC_URL must be like https://example.org or https://example.org/path: it must begin with http:// or "
            f"https:// and have no query, not {_shorten(value)}"
        )


def check_database_url(name: str, value: str) -> None:
    """Raise InvalidSettingError unless this is the URL of an SQLite file or a PostgreSQL database."""
    scheme = value.partition(":")[0]
    if _SQLITE_URL.fullmatch(value):
        return
    match = _POSTGRESQL_URL.fullmatch(value)
    if match is not None and _is_port(match["port"]):
        return
    # The value may contain a password, so the message shows at most its scheme.
    if scheme.startswith("postgres"):
        message = "is not a valid PostgreSQL URL: check the host and the port, and percent-encode special characters"
        raise InvalidSettingError(f"{name} {message} in the password; it must be like {DATABASE_FORMS}")
    shown = f", not {scheme[:20]}:…" if re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) and ":" in value else ""
    raise InvalidSettingError(f"{name} must be like {DATABASE_FORMS}{shown}")


def check_rate_limit_url(value: str) -> None:
    """Raise InvalidSettingError unless this is ``memory://`` or the URL of a Redis server."""
    if value == "memory://" or _REDIS_SOCKET.fullmatch(value):
        return
    match = _REDIS_URL.fullmatch(value)
    if match is None or not _is_port(match["port"]):
        raise InvalidSettingError("RATE_LIMIT_URL must be like redis://host:6379/0 or rediss://host/0, or be memory://")


def check_limit(name: str, value: str) -> None:
    """Raise InvalidSettingError if the value is neither 0 nor a rate such as ``6000/minute``."""
    if value != "0" and not _LIMIT.fullmatch(value):
        raise InvalidSettingError(f"{name} must be like 6000/minute, or 0 for none, not {_shorten(value)}")


def check_ancestors(value: str) -> None:
    """Raise InvalidSettingError if the value is not a list of frame ancestors."""
    sources = value.split(" ")
    is_valid = len(value) <= 2_000 and all(_ANCESTOR.fullmatch(source) for source in sources)
    if not is_valid or ("'none'" in sources and len(sources) > 1):
        raise InvalidSettingError(f"FRAME_ANCESTORS must be sources separated by single spaces, not {_shorten(value)}")


def _is_port(text: str | None) -> bool:
    return text is None or (text.isascii() and len(text) <= 5 and _PORTS[0] <= int(text) <= _PORTS[1])


def _shorten(value: str) -> str:
    """Return the value in quotes, on one line and without a password. A very long value is truncated."""
    shown = re.sub(r"//[^/]*@", "//…@", value[:200])
    return ascii(shown) if not shown.isprintable() else repr(shown if len(value) <= 80 else f"{shown[:79]}…")
