"""The file of an SQLite database: checks before it is opened, and the URI that opens it without changing anything."""

from __future__ import annotations

import os
from pathlib import Path

from api.setting_rules import InvalidSettingError

_MAGIC = b"SQLite format 3\x00"
# The positions of the bytes in the header that have the value 2 if the database uses a write-ahead log.
_WAL_BYTES = slice(18, 20)


def prepare_file(path: Path, *, is_read_only: bool) -> None:
    """Check that the file can be used, and create its folder. Raises InvalidSettingError, which says what to change."""
    if is_read_only:
        if not path.exists():
            raise InvalidSettingError(f"DATABASE_URL: there is no file {path}, and READ_ONLY=1 cannot create one")
    else:
        _create_folder(path.parent)
    if path.is_dir():
        raise InvalidSettingError(f"DATABASE_URL: {path} is a folder; name a file in it, such as {path}/service.sqlite")
    if path.exists():
        _check_content(path)
    if not is_read_only:
        _check_writable(path)


def read_only_uri(path: Path) -> str:
    """Return the URI that opens the file for reading, and creates no file next to it.

    SQLite can open a database with a write-ahead log only if it can create the log, unless the database is declared
    immutable. If there is a log already, another process uses the database, and its log must be read.
    """
    log = path.with_name(f"{path.name}-wal")
    is_immutable = _read_header(path)[_WAL_BYTES] == b"\x02\x02" and not (log.exists() and log.stat().st_size)
    return f"{path.resolve().as_uri()}?mode=ro" + ("&immutable=1" if is_immutable else "")


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "a file is in the way" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise InvalidSettingError(f"DATABASE_URL: the folder {folder} cannot be created: {reason}") from None


def _check_content(path: Path) -> None:
    try:
        header = _read_header(path)
    except OSError as error:
        raise InvalidSettingError(f"DATABASE_URL: {path} cannot be read: {error.strerror}") from None
    if header and not header.startswith(_MAGIC):
        raise InvalidSettingError(f"DATABASE_URL: {path} is not an SQLite database; name another file")


def _check_writable(path: Path) -> None:
    if path.exists() and not os.access(path, os.W_OK):
        raise InvalidSettingError(
            f"DATABASE_URL: {path} may not be written; change its permissions, or set READ_ONLY=1 to serve it as it is"
        )
    # The write-ahead log is a file in the same folder.
    if not os.access(path.parent, os.W_OK | os.X_OK):
        advice = ", or set READ_ONLY=1 to serve the database as it is" if path.exists() else ""
        raise InvalidSettingError(
            f"DATABASE_URL: files may not be created in the folder {path.parent}; change its permissions{advice}"
        )


def _read_header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)
