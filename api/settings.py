"""The settings of the service, read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from api import setting_rules as rules
from api.setting_rules import InvalidSettingError

_PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = (_PACKAGE.parent / "pyproject.toml").is_file()
# The checkout, or the directory in which an installed service was started. The data of the service are in ``ROOT/var``.
ROOT = _PACKAGE.parent if IS_CHECKOUT else Path.cwd()
# The directory of the content, migrations, translations and API document: the root of a checkout, or a directory
# inside an installed package.
DATA = ROOT if IS_CHECKOUT else _PACKAGE / "_data"
METRICS_DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


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
    read_only: int = 0

    def __post_init__(self) -> None:
        rules.check_choice("DEFAULT_LANGUAGE", self.default_language, ("cy", "en"))
        rules.check_choice("MIN_STATE", self.min_state, ("translated", "reviewed"))
        rules.check_choice("RELEASE_STATE", self.release_state, ("translated", "reviewed"))
        rules.check_choice("LOG_LEVEL", self.log_level, ("debug", "info", "warning", "error"))
        rules.check_database_url("DATABASE_URL", self.database_url)
        if self.read_database_url:
            rules.check_database_url("READ_DATABASE_URL", self.read_database_url)
        rules.check_address("HOST", self.host)
        rules.check_limit("WRITE_LIMIT", self.write_limit)
        rules.check_limit("SEARCH_LIMIT", self.search_limit)
        rules.check_rate_limit_url(self.rate_limit_url)
        rules.check_host("METRICS_HOST", self.metrics_host)
        rules.check_ancestors(self.frame_ancestors)
        for name in rules.RANGES:
            rules.check_range(name, getattr(self, name))
        # Last, because its default is made from other settings.
        rules.check_public_url(self.public_url)

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
            values[field.name] = rules.parse_number(field.name, text)
        else:
            values[field.name] = text.rstrip("/") if field.name == "public_url" else text
    if str(values.get("database_url", "")).split("?")[0] in {"sqlite://", "sqlite:///:memory:"}:
        # With a database in memory, readers and writers would each have a separate database.
        raise InvalidSettingError(f"DATABASE_URL names no file; it must be like {rules.DATABASE_FORMS}")
    if "public_url" not in values:
        defaults = Settings()
        host = str(values.get("host", defaults.host))
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # an address to compare with, not to bind to
        shown = f"[{shown}]" if ":" in shown else shown
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
