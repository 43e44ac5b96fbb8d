"""The files of an export, written beside the ones that are served, and put in their place in one step."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from api.cli.static.nginx import Include
from api.cli.static.walk import Alias, ExportedPage, ExportError, SiteWalk

# The name of a file for an address without a query: no slug has it.
BARE = "_"
# What names a file of an address is its query: longer than this, no file system takes it.
MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What an export came to."""

    release: int
    files: int
    size: int


def write_export(walk: SiteWalk, folder: Path) -> ExportSummary:
    """Write the release to a new folder and make ``folder``, a link, lead to it. Raises ExportRefused.

    The one before stays until the next export: who reads there now reads on.
    """
    if folder.exists() and not folder.is_symlink():
        raise ExportError(f"{folder} is there already, and no export: name a place where nothing is")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.parent / f"{folder.name}.{walk.release}-{secrets.token_hex(4)}"
    try:
        written = _write(walk, fresh)
        if walk.is_overtaken():
            raise ExportError("something was released meanwhile: begin again")
        before = folder.resolve() if folder.is_symlink() else None
        _swap(folder, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    for old in folder.parent.glob(f"{folder.name}.*-????????"):
        if old.is_dir() and old.resolve() not in {before, fresh.resolve()}:
            shutil.rmtree(old)
    return written


def _write(walk: SiteWalk, fresh: Path) -> ExportSummary:
    files = fresh / "files"
    files.mkdir(parents=True)
    count = size = 0
    with Include(walk, fresh / "nginx") as include:
        for page in walk.pages():
            if isinstance(page, Alias):
                include.add_alias(page)
            else:
                _put(files / page.path.lstrip("/") / (page.query or BARE), page)
                include.add(page)
                count, size = count + 1, size + len(page.body)
        for gone in walk.gone():
            include.add_gone(gone)
        include.finish(files)
    return ExportSummary(walk.release, count, size)


def _put(file: Path, page: ExportedPage) -> None:
    if len(file.name) > MAX_NAME:
        raise ExportError(f"{page.path}?{page.query} is too long for the name of a file")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(page.body)
    stamp(file, page.body)


def stamp(file: Path, body: bytes) -> None:
    """Date a file by its bytes: nginx makes the ETag of date and length, and so the same bytes have the same one."""
    at = int.from_bytes(hashlib.sha256(body).digest()[:4]) >> 1
    os.utime(file, (at, at))


def _swap(folder: Path, fresh: Path) -> None:
    link = folder.parent / f"{fresh.name}.link"
    link.symlink_to(fresh.name, target_is_directory=True)
    link.replace(folder)
