"""The files of an export, written to a new folder that replaces the old one in one step."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from api.cli.static.nginx import write_nginx_files
from api.cli.static.page import Alias, ExportedPage
from api.cli.static.walk import ExportError, SiteWalk

# The longest file name that file systems accept. The name of a file is the query of its URL.
MAX_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """The release that was exported, the number of responses, and their size in bytes."""

    release: int
    files: int
    size: int


def write_export(walk: SiteWalk, folder: Path) -> ExportSummary:
    """Write the release to a new folder, and point the symbolic link ``folder`` to it. Raises ExportError.

    The folder of the previous export is deleted by the next export, so that a server can finish reading from it.
    """
    if folder.exists() and not folder.is_symlink():
        raise ExportError(f"{folder} exists and is not an export: choose a path that does not exist")
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.parent / f"{folder.name}.{walk.release}-{secrets.token_hex(4)}"
    try:
        summary = _write(walk, new)
        if walk.is_outdated():
            raise ExportError("there was a release during the export: start again")
        previous = folder.resolve() if folder.is_symlink() else None
        _switch(folder, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    for old in folder.parent.glob(f"{folder.name}.*-????????"):
        if old.is_dir() and old.resolve() not in {previous, new.resolve()}:
            shutil.rmtree(old)
    return summary


def _write(walk: SiteWalk, folder: Path) -> ExportSummary:
    files = folder / "files"
    count = size = 0
    for page in walk.pages():
        if isinstance(page, Alias):
            _link(files / page.file, files / page.target)
        else:
            _write_page(files / page.file, page)
            count, size = count + 1, size + len(page.body)
    write_nginx_files(walk, folder)
    return ExportSummary(walk.release, count, size)


def _write_page(file: Path, page: ExportedPage) -> None:
    if len(file.name) > MAX_NAME_BYTES:
        raise ExportError(f"{page.path}?{page.query} is too long for a file name")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(page.body)
    date_by_content(file, page.body)


def date_by_content(file: Path, body: bytes) -> None:
    """Set the file's modification date to a date computed from a hash of its bytes.

    nginx computes the ETag from the date and length of a file. With this date, a file with the same bytes has the same
    ETag in every export.
    """
    timestamp = int.from_bytes(hashlib.sha256(body).digest()[:4]) >> 1
    os.utime(file, (timestamp, timestamp))


def _link(file: Path, target: Path) -> None:
    # Several resources may link to the same list.
    if not file.is_symlink():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(os.path.relpath(target, file.parent), target_is_directory=target.is_dir())


def _switch(folder: Path, new: Path) -> None:
    link = folder.parent / f"{new.name}.link"
    link.symlink_to(new.name, target_is_directory=True)
    link.replace(folder)
