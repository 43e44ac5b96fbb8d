"""Every setting refuses invalid values with one line that names the setting."""

from __future__ import annotations

from dataclasses import fields

import pytest

from api.setting_rules import RANGES, InvalidSettingError
from api.settings import Settings, read_settings

HOSTILE = (
    "-1", "+1", "0x10", "1e9", "1.5", "99999999999999999999", "9" * 5000, "١٢", "１", "a\nb", "a\r\nX-Evil: 1",
    "<script>alert(1)</script>", "'; DROP TABLE release", "/", "..", "http://", "https://user:geheim@host", "//host",
    "caf\udce9", "\x1b[31m", "sqlite:///a\nb", "postgresql://u:geheim@h:0/x", "redis://u:geheim@h:0",
    "https://h/a/../b", "https://h/?q=1", "https://h/#f", "ftp://h", "http://h:0", "javascript:alert(1)",
    "*;script-src *", "x" * 100_000,
)  # fmt: skip
# Hostile for most settings, but host names or schemes to these.
ACCEPTED = {
    "metrics_host": {"0x10", "1e9", "1.5", "99999999999999999999"},
    "frame_ancestors": {"-1", "0x10", "1e9", "1.5", "99999999999999999999", "ftp://h", "http://h:0"},
}
NAMES = [field.name for field in fields(Settings)]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_values_are_refused_in_one_line_that_names_the_setting(name: str) -> None:
    for value in HOSTILE:
        if value in ACCEPTED.get(name, set()):
            assert getattr(read_settings({name.upper(): value}), name) == value
            continue
        with pytest.raises(InvalidSettingError) as refused:
            read_settings({name.upper(): value})
        message = str(refused.value)
        assert message.startswith(name.upper()), value
        assert message.isprintable()
        assert len(message) < 400
        assert "geheim" not in message


def test_every_number_has_a_range_and_both_ends_are_accepted() -> None:
    assert set(RANGES) == {field.name for field in fields(Settings) if field.type == "int"}
    for name, ends in RANGES.items():
        for value in ends:
            assert getattr(read_settings({name.upper(): str(value)}), name) == value
        with pytest.raises(InvalidSettingError, match=f"^{name.upper()} must be from {ends[0]} to {ends[1]}, not"):
            read_settings({name.upper(): str(ends[1] + 1)})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:geheim@h/x", "nonsense", "sqlite:", "sqlite://", "sqlite:///:memory:", "sqlite:////a?mode=ro",
        "postgresql://h:99999/x", "postgresql://h:0/x", "postgresql://h:five/x", "postgresql:/h/x",
        "postgresql+pg8000://h/x", "postgresql://u:ge@heim@h/x",
    ],
)  # fmt: skip
def test_the_error_for_an_invalid_database_url_shows_both_valid_forms_but_no_password(url: str) -> None:
    with pytest.raises(InvalidSettingError, match=r"^DATABASE_URL .*sqlite:////.* or postgresql://") as refused:
        read_settings({"DATABASE_URL": url})
    assert "heim" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://h/x", "postgresql://u:p%40ss/w?d@h:5432/x?sslmode=require", "postgresql:///x?host=/run/postgresql",
        "postgresql://[::1]:5432/x", "postgresql://u@/x", "sqlite:///data.sqlite", "sqlite:////var/lib/café/x.db",
        "sqlite:///file:/x.db?mode=ro&uri=true",
    ],
)  # fmt: skip
def test_valid_database_urls_are_accepted(url: str) -> None:
    assert read_settings({"DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(("host", "url"), [("::1", "http://[::1]:80"), ("::", "http://127.0.0.1:80")])
def test_the_default_public_url_has_brackets_around_ipv6(host: str, url: str) -> None:
    assert read_settings({"HOST": host, "PORT": "80"}).public_url == url


def test_a_public_url_may_have_a_path_and_end_with_a_slash() -> None:
    assert read_settings({"PUBLIC_URL": "https://example.org/a/b/"}).public_url == "https://example.org/a/b"
