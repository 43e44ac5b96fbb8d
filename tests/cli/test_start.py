"""A start that fails ends with one line that says what to do, without a traceback or a password."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from api.cli import serve
from api.db import sqlite_file
from api.db.error_messages import describe_database_error
from api.db.sqlite import sqlite3
from tests.conftest import Templates
from tests.tools.postgres import server_url
from tests.tools.servers import free_port
from tests.tools.service import run_service, start_and_fail

FailingStart = Callable[[str], str]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> FailingStart:
    """Return a function that starts the service on a database that prevents it, and returns the message."""

    def refuse(*_arguments: object) -> NoReturn:
        pytest.fail("the service started")

    def start(database_url: str) -> str:
        monkeypatch.setenv("DATABASE_URL", database_url)
        with pytest.raises(SystemExit) as ended:
            serve.start_service()
        # Python prints a text to standard error, and exits with status 1.
        message = ended.value.code
        assert isinstance(message, str)
        assert message.isprintable()
        return message

    monkeypatch.setattr(os, "execve", refuse)
    monkeypatch.setattr(serve, "claim_port", lambda host, port: -1)
    return start


def _postgresql_url(**changes: object) -> str:
    url = make_url(server_url()).set(drivername="postgresql", **changes)  # type: ignore[arg-type]
    return url.render_as_string(hide_password=False)


def test_a_folder_that_cannot_be_created_is_named(start: FailingStart, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "more"):
        message = start(f"sqlite:///{folder}/service.sqlite")
        assert message == f"DATABASE_URL: the folder {folder} cannot be created: a file is in the way"
    assert re.match("DATABASE_URL: the folder /proc/1/x cannot be created: ", start("sqlite:////proc/1/x/y.sqlite"))


def test_the_error_names_a_path_that_is_a_folder_or_not_a_database(start: FailingStart, tmp_path: Path) -> None:
    advice = f"name a file in it, such as {tmp_path}/service.sqlite"
    assert start(f"sqlite:///{tmp_path}") == f"DATABASE_URL: {tmp_path} is a folder; {advice}"
    file = tmp_path / "letter.txt"
    file.write_text("Annwyl gyfaill", encoding="utf-8")
    assert start(f"sqlite:///{file}") == f"DATABASE_URL: {file} is not an SQLite database; name another file"
    assert file.read_text(encoding="utf-8") == "Annwyl gyfaill"


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_the_error_names_a_file_or_folder_that_is_not_writable(
    start: FailingStart, templates: Templates, monkeypatch: pytest.MonkeyPatch, is_folder: bool
) -> None:
    # Root may write to every file, so permissions cannot be taken away here.
    url = templates("sqlite", True).url
    path = Path(url.removeprefix("sqlite:///"))
    locked = path.parent if is_folder else path
    monkeypatch.setattr(sqlite_file.os, "access", lambda file, _mode: file != locked)
    message = start(url)
    assert message.startswith("DATABASE_URL: ")
    assert f"{locked}" in message
    assert "READ_ONLY=1" in message


def test_a_database_of_a_newer_version_is_reported(start: FailingStart, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "newer.sqlite")
    database.executescript("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999_x')")
    database.close()
    message = start(f"sqlite:///{tmp_path}/newer.sqlite")
    assert message.endswith("'9999_x'; a newer version of the service made this database")


def test_an_unusable_postgresql_database_is_reported_with_advice(start: FailingStart) -> None:
    advice = "check the host and the port in DATABASE_URL, and that the server is running"
    message = start("postgresql://someone:geheim@127.0.0.1:1/x")
    assert message.startswith("the database: ")
    assert message.endswith(advice)
    assert "geheim" not in message
    assert "create it with createdb" in start(_postgresql_url(database="mm_no_such_database"))
    assert "check the user" in start(_postgresql_url(username="mm_no_such_user"))
    assert 'invalid connection option "colour"' in start(f"{_postgresql_url(query={})}?colour=red")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('connection failed: FATAL:  password authentication failed for user "x"', "check the user and the password"),
        ("fe_sendauth: no password supplied", "add a password"),
        ("permission denied for schema public", "needs the right"),
        ('connection failed: FATAL:  permission denied for database "hud"', "needs the right"),
        (
            'connection failed: FATAL:  no pg_hba.conf entry for host "::1", database "hud"',
            "pg_hba.conf must",
        ),
        ("connection failed: FATAL:  sorry, too many clients already", "too many connections"),
        ('connection failed: FATAL:  database "hud" does not exist', "createdb"),
        ('connection failed: FATAL:  role "x" does not exist', "check the user"),
        ('could not translate host name "h" to address\nconnection is bad', "check the host"),
    ],
)
def test_postgresql_errors_are_reported_with_advice(text: str, advice: str) -> None:
    message = describe_database_error(OperationalError("SELECT 1", {}, psycopg.OperationalError(text)))
    assert message.isprintable()
    assert advice in message


@pytest.mark.skipif(sys.platform != "linux", reason="as root, the test takes rights away in Linux's way")
def test_a_read_only_file_in_a_read_only_folder_is_served_without_a_new_file(
    templates: Templates, tmp_path: Path
) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    file = folder / "service.sqlite"
    file.write_bytes(Path(templates("sqlite", True).url.removeprefix("sqlite:///")).read_bytes())
    # The service writes a database of this kind with a log, which SQLite would create next to it.
    assert file.read_bytes()[18:20] == b"\2\2"
    file.chmod(0o444)
    folder.chmod(0o555)
    try:
        status, output = start_and_fail(database_url=f"sqlite:///{file}", port=free_port())
        assert (status, output.count("\n")) == (1, 1)
        assert "READ_ONLY=1" in output
        with run_service(f"sqlite:///{file}", read_only=1) as server:
            assert server.request("GET", "/readyz").status == 200
            assert server.request("GET", "/v1/search?q=nghartref&lang=cy").json["total"] > 0
            assert [path.name for path in folder.iterdir()] == [file.name]
    finally:
        folder.chmod(0o755)
