"""The settings of the service, read from the environment once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = (_PACKAGE.parent / "pyproject.toml").is_file()
# The checkout, or the directory in which an installed service was started. The data of the service are in ``ROOT/var``.
ROOT = _PACKAGE.parent if IS_CHECKOUT else Path.cwd()
# The directory of the content, migrations, translations and API document: the root of a checkout, or a directory
# inside an installed package.
DATA = ROOT if IS_CHECKOUT else _PACKAGE / "_data"
METRICS_DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# In characters. URLs and headers that contain it stay within the limits of clients and proxies.
MAX_PUBLIC_URL = 500
# A limit, such as 6000/minute: a number of requests per second, minute, hour or day.
_LIMIT = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")


_LEAST = (("port", 0), ("max_age", 0), ("shared_max_age", 0), ("workers", 1), ("blocking_threads", 1))


class InvalidSettingError(ValueError):
    """An environment variable has an invalid value. The message contains the variable and the value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings. Each is read from the environment variable with its name in capitals. The README lists them."""

    database_url: str = f"sqlite:///{ROOT / 'var' / 'service.sqlite'}"
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    default_language: str = "en"
    min_state: str = "translated"
    release_state: str = "translated"
    max_age: int = 60
    shared_max_age: int = 300
    stale_while_revalidate: int = 600
    stale_if_error: int = 86_400
    busy_timeout_ms: int = 5_000
    max_body_bytes: int = 1_048_576
    workers: int = 1
    blocking_threads: int = 4
    log_level: str = "info"
    read_database_url: str = ""
    cache_mb: int = 64
    cache_warm: int = 100
    release_check_ms: int = 100
    write_limit: str = "6000/minute"
    search_limit: str = "1200/minute"
    rate_limit_url: str = "memory://"
    trusted_proxies: int = 0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    frame_ancestors: str = "*"

    def __post_init__(self) -> None:
        _check_choice("DEFAULT_LANGUAGE", self.default_language, ("cy", "en"))
        _check_choice("MIN_STATE", self.min_state, ("translated", "reviewed"))
        _check_choice("RELEASE_STATE", self.release_state, ("translated", "reviewed"))
        _check_choice("LOG_LEVEL", self.log_level, ("debug", "info", "warning", "error"))
        if not self.public_url.startswith(("http://", "https://")) or self.public_url.endswith("/"):
            raise InvalidSettingError("PUBLIC_URL must begin with http:// or https:// and end without a slash")
        if len(self.public_url) > MAX_PUBLIC_URL:
            raise InvalidSettingError(f"PUBLIC_URL must have at most {MAX_PUBLIC_URL} characters")
        _check_limit("WRITE_LIMIT", self.write_limit)
        _check_limit("SEARCH_LIMIT", self.search_limit)
        if not self.rate_limit_url.startswith(("memory://", "redis://", "rediss://", "redis+unix://")):
            raise InvalidSettingError("RATE_LIMIT_URL must begin with redis:// or rediss://, or be memory://")
        _check_ancestors(self.frame_ancestors)
        for name, least in _LEAST:
            if getattr(self, name) < least:
                raise InvalidSettingError(f"{name.upper()} must be {least} or more")

    @property
    def sqlalchemy_url(self) -> str:
        """Return ``database_url`` with the name of the driver, which is not part of the setting."""
        return _name_driver(self.database_url)

    @property
    def sqlalchemy_read_url(self) -> str:
        """Return ``read_database_url`` with the name of the driver, or an empty string if there is no replica."""
        return _name_driver(self.read_database_url)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in ``environment``; empty variables are ignored. Raises InvalidSettingError."""
    values: dict[str, str | int] = {}
    for field in fields(Settings):
        text = environment.get(field.name.upper(), "").strip()
        if not text:
            continue
        if field.type == "int":
            if not text.isascii() or not text.isdigit():
                raise InvalidSettingError(f"{field.name.upper()} must be a whole number, not {text!r}")
            values[field.name] = int(text)
        else:
            values[field.name] = text.rstrip("/") if field.name == "public_url" else text
    if "public_url" not in values:
        defaults = Settings()
        host = str(values.get("host", defaults.host))
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # an address to compare with, not to bind to
        values["public_url"] = f"http://{shown}:{values.get('port', defaults.port)}"
    return Settings(**values)  # type: ignore[arg-type]  # each value has the type of its field


def find_metrics_directory(port: int) -> Path:
    """Return the directory of the workers' metrics: from prometheus_client's variable, or ``var/metrics-PORT``."""
    return Path(os.environ.get(METRICS_DIRECTORY_VARIABLE) or ROOT / "var" / f"metrics-{port}")


def _name_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _check_limit(name: str, value: str) -> None:
    if value != "0" and not _LIMIT.fullmatch(value):
        raise InvalidSettingError(f"{name} must be like 6000/minute, or 0 for none, not {value!r}")


# A frame ancestor in a Content-Security-Policy (CSP 3, 6.4.2): a scheme, or a host with or without a scheme.
_ANCESTOR = re.compile(
    r"\*|'self'|'none'|[a-z][a-z0-9+.-]*:|([a-z][a-z0-9+.-]*://)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d+|\*))?",
    re.IGNORECASE,
)


def _check_ancestors(value: str) -> None:
    sources = value.split(" ")
    if not all(_ANCESTOR.fullmatch(source) for source in sources) or ("'none'" in sources and len(sources) > 1):
        raise InvalidSettingError(f"FRAME_ANCESTORS must be sources separated by single spaces, not {value!r}")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidSettingError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
